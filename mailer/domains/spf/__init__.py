"""SPF (RFC 7208): the terms of a record, its evaluation, and the findings about it."""
