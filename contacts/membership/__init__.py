"""Membership: which categories there are, and who holds them."""
