"""Whose a batch is, in the database: claimed, recorded, recovered."""
