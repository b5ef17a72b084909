"""What became of it, in numbers that balance."""
