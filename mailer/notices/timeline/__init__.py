"""Does what falls due in the timeline of an issue, and tells its people."""
