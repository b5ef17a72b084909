"""The public archive: what it shows of issues that were sent, and corrections of that."""
