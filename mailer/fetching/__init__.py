"""Asking other people’s servers: one guarded way out, for links, feeds and pasted addresses."""
