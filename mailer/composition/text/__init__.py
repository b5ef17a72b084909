"""Blocks become the text part."""
