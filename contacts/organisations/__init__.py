"""Organisations: added, changed, found by name."""
