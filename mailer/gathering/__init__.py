"""Gathering: what others have to tell, asked for or followed, on its way into the library."""
