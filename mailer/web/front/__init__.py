"""The front door: every request is taken in whole, within its bounds, before a thread has it."""
