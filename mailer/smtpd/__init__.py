"""Smtpd."""
