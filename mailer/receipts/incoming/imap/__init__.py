"""Mail that came back to a mailbox on an IMAP server: fetched, kept, and moved out of the way."""
