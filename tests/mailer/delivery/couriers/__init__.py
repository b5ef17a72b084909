"""Couriers."""
