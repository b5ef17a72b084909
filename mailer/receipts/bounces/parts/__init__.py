"""A parsed message: entities, header fields, charsets, addresses, plain text."""
