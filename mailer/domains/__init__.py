"""The domains mail comes from: what DNS says of them, and whether an issue may go out from one."""
