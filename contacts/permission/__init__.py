"""Permission: who may be written to, on what proof, and who never."""
