"""Rows as they are meant: which column is what, and what is wrong with a row."""
