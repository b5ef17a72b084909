"""Who will receive an issue, who will not, and why."""
