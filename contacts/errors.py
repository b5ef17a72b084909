"""Every error about people and permissions, as sentences.

ContactsError
├── BadAddress        not an e-mail address, and why not
├── BadDetails        what was written of something can't be kept; names the fields
├── BadFile           a file that cannot be imported at all
├── BadName           a name or slug that cannot be used
├── BadRules          segment rules that cannot be understood
├── BasisMissing      nobody has said why these people may be written to
├── InUse             it is held or used, so it can't be removed
└── UnknownRecord     there is no such person, newsletter, segment …
"""


class ContactsError(Exception):
    """The root: its text is a sentence for the person who made the request."""


class BadAddress(ContactsError):
    """Not an e-mail address."""


class BadDetails(ContactsError):
    """What was written can't be kept; ``problems`` is a sentence a field: (field, sentence)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(sentence for _, sentence in problems))


class BadFile(ContactsError):
    """A file that cannot be imported at all; nothing of it has been."""


class BadName(ContactsError):
    """A name or slug that cannot be used."""


class BadRules(ContactsError):
    """Segment rules that cannot be understood."""


class BasisMissing(ContactsError):
    """Nobody has said why these people may be written to."""


class InUse(ContactsError):
    """Something that is held or used can't be removed."""


class UnknownRecord(ContactsError):
    """A record that does not exist was named."""
