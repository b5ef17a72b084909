"""A message goes to its next hop, and the outcome is written down."""
