"""The kinds of block an issue is made of."""
