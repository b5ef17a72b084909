"""Tokens in links, and what is kept sealed."""
