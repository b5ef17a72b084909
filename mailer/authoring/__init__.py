"""The content that officers write: blocks, documents and their checks."""
