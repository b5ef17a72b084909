"""The network, as operators write it down."""
