"""Relay_logs."""
