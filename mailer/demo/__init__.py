"""An invented network to try things on."""
