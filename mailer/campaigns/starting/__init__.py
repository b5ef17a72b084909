"""What a new issue starts from: a frame, a template, an earlier issue."""
