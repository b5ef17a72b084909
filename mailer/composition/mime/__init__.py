"""The message as it goes over the wire: headers, encoding, frame (RFC 5322, RFC 2045)."""
