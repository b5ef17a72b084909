"""Pages under Settings."""
