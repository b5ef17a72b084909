"""The domains of senders: what DNS holds about them, and whether an issue may go out from one."""
