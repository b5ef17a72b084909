"""The checks of an issue: rules on one reading of it, and what is kept of their findings."""
