"""What a worker process runs: the actors, the sweep, the threads beside the queue."""
