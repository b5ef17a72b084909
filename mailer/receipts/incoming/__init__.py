"""How mail that came back arrives: listener, folder, mailbox; kept before it is read."""
