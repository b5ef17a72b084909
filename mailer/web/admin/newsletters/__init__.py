"""Pages under Newsletters."""
