"""Whether two texts are the same, and what of them a step changed: nothing here asks a database."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from mailer.errors import NotAllowed

Json = Mapping[str, Any]
_LENGTH: Final = 16  # hexadecimal digits


def revision_of(value: Json) -> str:
    """A short name of what a block, or the head of an issue, says: the same text, the same name."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:_LENGTH]


def loses_nothing(before: Json, after: Json) -> bool:
    """Whether every word of ``before`` still stands somewhere in ``after``."""
    there = " ".join(_strings(after))
    return all(word in there for text in _strings(before) for word in text.split())


def taken_back(current: Json, *, before: Json, after: Json) -> dict[str, Any]:
    """``current`` with what led from ``before`` to ``after`` led back, field by field.

    NotAllowed where a field of it has changed again since: somebody's newer words stay.
    """
    back = dict(current)
    for name in {*before, *after}:
        if before.get(name) == after.get(name):
            continue
        if current.get(name) != after.get(name):
            raise NotAllowed("It was changed again since, so the newer words stay.")
        back.pop(name, None)
        if name in before:
            back[name] = before[name]
    return back


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
