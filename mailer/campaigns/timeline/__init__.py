"""The timeline of an issue: what is due when, planned again whenever something is done to it."""
