"""The words by which reasons and signs are known, read from tables beside the code."""
