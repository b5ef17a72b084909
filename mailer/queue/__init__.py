"""The queue: jobs, the broker, and duties that one process has at a time."""
