"""Opens and clicks: spooled, taken into the database, told from machines."""
