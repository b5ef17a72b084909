"""What mail systems wrote for people: who did not get it, and why."""
