"""The life of an issue: made, approved, planned, frozen, sent, settled."""
