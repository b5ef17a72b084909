"""What an issue is called: its name, its month, and its part of addresses."""
