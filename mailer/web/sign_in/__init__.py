"""Signing in: how often a password may be tried, and what the library says of it in our words."""
