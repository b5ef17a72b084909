"""A message taken apart: entities, header fields, charsets, addresses, the words of it."""
