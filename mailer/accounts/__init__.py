"""Operators, the people who work in the admin, and the tokens of their programs."""
