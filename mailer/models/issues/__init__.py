"""Issues as they are written, planned, checked and approved, and what goes into them."""
