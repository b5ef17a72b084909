"""Withdrawals of consent that wait for the database."""
