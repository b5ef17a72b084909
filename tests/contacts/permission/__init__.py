"""What people agreed to receive, as operators set it up."""
