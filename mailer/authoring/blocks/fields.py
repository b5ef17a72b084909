"""How a block's field is described: once, for the reader of documents and for the web's forms."""

from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

LONGEST_TEXT: Final = 100_000
LONGEST_LINE: Final = 2_000


class FieldKind(StrEnum):
    """What a person writes into a field, and so which control a form shows."""

    LINE = "line"
    MARKDOWN = "markdown"
    URL = "url"
    DATE = "date"
    CHOICE = "choice"
    ITEMS = "items"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``choices`` are pairs of value and words; ``soft_limit`` only warns, ``limit`` is
    the most characters. ``shared`` are the fields that every block has; forms show them last.
    ``starts_as`` is what a new block says there.

    ``picture`` marks the address of a picture, which is shown and not followed. Of a list ``item``
    is the class of what is in it, ``parts`` its fields, ``noun`` what one is called, and ``most``
    how many there may be.
    """

    name: str
    label: str
    kind: FieldKind
    required: bool = False
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    soft_limit: int | None = None
    picture: bool = False
    parts: tuple["Field", ...] = ()
    item: type | None = None
    noun: str = ""
    most: int = 0
    least: int = 0
    limit: int = 0
    shared: bool = False
    starts_as: str = ""

    @property
    def longest(self) -> int:
        """The most characters it takes."""
        if self.limit:
            return self.limit
        return LONGEST_TEXT if self.kind is FieldKind.MARKDOWN else LONGEST_LINE


def described(cls: type) -> tuple[Field, ...]:
    """The fields of a block class in reading order."""
    found = (
        Field(name=each.name, **each.metadata["field"])
        for each in fields(cls)
        if "field" in each.metadata
    )
    return tuple(sorted(found, key=lambda field: field.shared))


# The functions below stand where a dataclass gives a default, so, like dataclasses.field itself,
# they claim a type that fits whatever annotation they stand beside.


def line(label: str, *, required: bool = False, **more: Any) -> Any:
    """One line of text, in which merge fields are allowed."""
    return _field("", label=label, kind=FieldKind.LINE, required=required, **more)


def markdown(label: str, *, required: bool = False, **more: Any) -> Any:
    """Paragraphs, small headings, bold, italic, links and lists."""
    return _field("", label=label, kind=FieldKind.MARKDOWN, required=required, **more)


def url(label: str, *, required: bool = False, **more: Any) -> Any:
    """The address a link goes to."""
    return _field("", label=label, kind=FieldKind.URL, required=required, **more)


def picture(label: str, *, required: bool = False, **more: Any) -> Any:
    """The https address of a picture."""
    return _field("", label=label, kind=FieldKind.URL, required=required, picture=True, **more)


def date(label: str, *, required: bool = False, **more: Any) -> Any:
    """A date or a local date and time, ISO 8601."""
    return _field("", label=label, kind=FieldKind.DATE, required=required, **more)


def choice(label: str, *choices: tuple[str, str], **more: Any) -> Any:
    """One of a few; the first is the default."""
    return _field(choices[0][0], label=label, kind=FieldKind.CHOICE, choices=choices, **more)


def tick(label: str, **more: Any) -> Any:
    """Yes or no; no is the default."""
    return _field(False, label=label, kind=FieldKind.TICK, **more)


def items(label: str, *, of: type, noun: str, most: int, **more: Any) -> Any:
    """A list of at most so many things that each have fields of their own."""
    parts = described(of)
    return _field(
        (), label=label, kind=FieldKind.ITEMS, parts=parts, item=of, noun=noun, most=most, **more
    )


def default(cls: type, name: str) -> object:
    """The default of a field."""
    found = next(each.default for each in fields(cls) if each.name == name)
    return None if found is MISSING else found


def _field(default: object, **metadata: Any) -> Any:
    return field(default=default, metadata={"field": metadata})
