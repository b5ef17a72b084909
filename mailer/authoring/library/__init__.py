"""The library: everything the network has to tell, as one kind of thing with types."""
