"""The results of an issue, in numbers that add up."""
