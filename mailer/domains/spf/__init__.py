"""SPF (RFC 7208): a record's words, its evaluation, and what to say of it."""
