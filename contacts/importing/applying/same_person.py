"""Whether two names at one mailbox are of one person: an office's mailbox has several."""

from contacts.importing.words.plain import plain
from contacts.names import fold, split_name


def may_be_one(one: str, other: str) -> bool:
    """Whether both names may be of one person; a blank may be of anybody.

    Names may differ in titles, accents, initials, short forms, in the order of their words and in
    words that only one of them has. Who is taken for two people gets one copy all the same, as
    they share an address.
    """
    if not one or not other or fold(one) == fold(other):
        return True
    words, others = _words(one), _words(other)
    left, right = words - others, others - words
    fewer, more = (left, right) if len(left) <= len(right) else (right, left)
    return all(any(_alike(word, each) for each in more) for word in fewer)


def _alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _words(name: str) -> set[str]:
    # Without commas: "Kaur, Amrit" is turned round anyway, and an OBE is nobody's first name.
    first, last = split_name(name.replace(",", " "))
    return {word for part in (first, *last.replace("-", " ").split()) if (word := plain(part))}
