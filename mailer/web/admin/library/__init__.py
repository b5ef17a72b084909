"""Pages of the library: everything there is to tell, and one item of it."""
