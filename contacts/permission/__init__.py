"""Permission."""
