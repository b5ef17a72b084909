"""The list of relays: kept, changed, tested."""
