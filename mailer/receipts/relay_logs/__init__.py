"""The logs of relays as evidence for copies in doubt."""
