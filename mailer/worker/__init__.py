"""The task door: what a worker process runs."""
