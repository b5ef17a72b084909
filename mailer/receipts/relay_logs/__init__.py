"""The logs of relays as evidence for deliveries in doubt."""
