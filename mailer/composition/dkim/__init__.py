"""Signatures by which receivers verify that mail is the sender's (RFC 6376)."""
