"""Settings from the environment, and the addresses in them."""
