"""Opens and clicks: written to a spool, taken into the database, distinguished from machines."""
