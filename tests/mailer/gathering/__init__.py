"""What is gathered for the library."""
