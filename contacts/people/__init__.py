"""People: added, changed, found."""
