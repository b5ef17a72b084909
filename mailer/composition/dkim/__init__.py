"""Signatures by which receivers tell that mail is the sender's (RFC 6376)."""
