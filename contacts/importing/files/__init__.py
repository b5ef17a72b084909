"""Files as they come: encoding, delimiter and rows."""
