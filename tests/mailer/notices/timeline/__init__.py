"""The timeline of an issue, as its people see it."""
