"""Who carries: couriers and the crews of connections that share a batch."""
