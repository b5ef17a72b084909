"""Numbers that take long to count are counted when something changed, and not at each look."""
