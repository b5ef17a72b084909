"""A document and a recipient become one RFC 5322 message."""
