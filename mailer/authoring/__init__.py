"""What officers write: blocks, documents and their checks."""
