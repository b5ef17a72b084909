"""Every error about people and permissions, as sentences.

ContactsError
├── BadAddress        not an e-mail address, and why not
├── BadFile           a file that cannot be imported at all
├── BadName           a name or slug that cannot be used
├── BadRules          segment rules that cannot be understood
├── BasisMissing      nobody has said why these people may be written to
└── UnknownRecord     there is no such person, newsletter, segment …
"""


class ContactsError(Exception):
    """The root: its text is a sentence for the person who made the request."""


class BadAddress(ContactsError):
    """Not an e-mail address."""


class BadFile(ContactsError):
    """A file that cannot be imported at all; nothing of it has been."""


class BadName(ContactsError):
    """A name or slug that cannot be used."""


class BadRules(ContactsError):
    """Segment rules that cannot be understood."""


class BasisMissing(ContactsError):
    """Nobody has said why these people may be written to."""


class UnknownRecord(ContactsError):
    """A record that does not exist was named."""
