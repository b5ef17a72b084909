"""What a reply means: accepted, deferred until when, refused."""
