"""Receipts, which are what comes back: opens, clicks, unsubscribes, bounces."""
