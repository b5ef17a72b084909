"""A mail server of our own, for the catcher and for the listener."""
