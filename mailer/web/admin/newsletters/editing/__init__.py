"""Issues before they go out: made, named, put in the bin."""
