"""Whether two names at one mailbox are of one person: an office's mailbox has several."""

from contacts.importing.words.plain import plain
from contacts.names import fold, split_name


def may_be_one(one: str, other: str) -> bool:
    """Whether both names may be of one person; a blank may be of anybody.

    Names may differ in titles, accents, initials, in the order of their words and in one of two
    surnames. Whom this takes for two people gets one copy all the same, as they share an address.
    """
    if not one or not other or fold(one) == fold(other):
        return True
    words, others = _words(one), _words(other)
    if not words or not others:
        return True
    if sorted(words) == sorted(others):
        return True
    if len(words) == 1 or len(others) == 1:
        return bool({*words} & {*others}) or _alike(words[0], others[0])
    if not _alike(words[0], others[0]):
        return False
    return bool({*words[1:]} & {*others[1:]}) or any(
        min(len(last), len(their)) == 1 and last[0] == their[0]
        for last in words[1:]
        for their in others[1:]
    )


def _alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _words(name: str) -> list[str]:
    first, last = split_name(name)
    return [word for part in (first, *last.replace("-", " ").split()) if (word := plain(part))]
