"""Dkim."""
