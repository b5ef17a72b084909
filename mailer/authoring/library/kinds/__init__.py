"""The kinds of item that the library holds, a module each; nothing here asks a database."""
