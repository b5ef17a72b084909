"""Mail of the system itself: confirmations, sign-in links, warnings."""
