"""System mail."""
