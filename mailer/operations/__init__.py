"""Running an installation: serving, measuring, changing the key."""
