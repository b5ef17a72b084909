"""Patterns for reasons and for signs of a bounce, read from tables beside the code."""
