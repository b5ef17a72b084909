"""The network this installation serves: who it is, where it is, what it speaks."""
