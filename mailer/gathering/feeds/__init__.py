"""Feeds: blogs and calendars of others that are followed, hour by hour, into the library."""
