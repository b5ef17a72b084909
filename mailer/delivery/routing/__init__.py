"""By which relay, over how many connections, how fast."""
