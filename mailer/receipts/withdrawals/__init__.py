"""What people told us to stop: done at once, or kept on the disk until it can be done."""
