"""People written out, for spreadsheets and other programs."""
