"""Audience."""
