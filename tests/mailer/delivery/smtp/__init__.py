"""Smtp."""
