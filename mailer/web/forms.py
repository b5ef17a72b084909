"""Forms: what was posted becomes a typed value, with a sentence for whatever can't be taken.

A form is a dataclass whose fields are named like those of the page. The type of a field says how it
is read, and ``text``, ``number``, ``choice``, ``some`` say it more narrowly:

* ``str`` is one line, without control characters or white space at its ends;
* ``bool`` is a tick;
* ``int | None`` is a whole number, None for nothing;
* ``tuple[str, ...]`` is every value of that name.

What is too long or no number stays in the value as far as it can, so that the page can show it
again: nothing that a person typed is cut without a word, but for what they search for.
"""

from collections.abc import Callable, Sequence
from dataclasses import Field, field, fields
from typing import Any, Final, TypeVar, get_type_hints

from flask import Flask, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from mailer.authoring.text.characters import many_lines, one_line
from mailer.errors import FormError

T = TypeVar("T")
Problems = list[tuple[str, str]]
Posted = MultiDict[str, str]
Reader = Callable[[Posted, str], tuple[object, str]]  # the value, and what is wrong with it

_LONGEST: Final = 998  # characters of a field about which nothing else is said: contacts' Line
_LONGEST_FILENAME: Final = 200
_MOST_VALUES: Final = 1_000
MOST_PARTS: Final = 5_000  # fields of a form
_LARGEST: Final = 2**63 - 1  # what a database can look for
_LAST_PAGE: Final = 100_000


def parse_first(app: Flask) -> None:
    """Parse what was posted before anything else is done with a request, and before any session.

    No database can look for a NUL, so none gets any further, whoever reads the form: libraries
    have forms of their own.
    """

    @app.before_request
    def parse() -> None:
        posted = list(request.form.items(multi=True))
        if any("\0" in name or "\0" in value for name, value in posted):
            request.form = ImmutableMultiDict(
                (name.replace("\0", " "), value.replace("\0", " ")) for name, value in posted
            )


def read(form: type[T], posted: Posted | None = None) -> tuple[T, Problems]:
    """The form as it was posted, and what is wrong with it: field and sentence."""
    return _read(form, request.form if posted is None else posted)


def refuse(problems: Problems) -> None:
    """End here, with the form's own way to show it, where something can't be taken as typed."""
    if problems:
        raise FormError(problems)


def asked(form: type[T]) -> T:
    """The same of a query. What is wrong in one is left out: nobody typed it to be kept."""
    found, problems = _read(form, request.args)
    wrong = {name for name, _ in problems}
    kept = {each.name: getattr(found, each.name) for each in fields(form)}  # type: ignore[arg-type]
    return form(**{name: value for name, value in kept.items() if name not in wrong})


def posted() -> Posted:
    """What was posted, for the few forms whose fields are known only when they are shown."""
    return request.form


def upload(name: str) -> tuple[FileStorage | None, str]:
    """The file that was sent in a field, None for none, and its name as one line."""
    sent = request.files.get(name)
    called = one_line(sent.filename or "")[-_LONGEST_FILENAME:] if sent else ""
    return (sent, called) if called else (None, "")


def count(posted: Posted, name: str, *, most: int) -> int:
    """How many rows a form says it has, from 0 to ``most``."""
    number, _ = _whole()(posted, name)
    return min(number, most) if isinstance(number, int) else 0


def page() -> int:
    """The page of a list that is asked for, from 1."""
    number, _ = _whole(1, _LAST_PAGE)(request.args, "page")
    return number if isinstance(number, int) else 1


def text(
    *,
    longest: int = _LONGEST,
    lines: bool = False,
    exact: bool = False,
    cut: bool = False,
    named: str = "",
) -> Any:
    """Words. ``lines`` keeps line ends, ``exact`` everything (passwords), ``cut`` shortens.

    ``named`` is the name on the page, where Python can't have it.
    """
    words = _words(longest, lines=lines, exact=exact, cut=cut)
    return _field("", (lambda posted, _: words(posted, named)) if named else words)


def number(*, least: int = 0, most: int = _LARGEST) -> Any:
    """A whole number, None for nothing and for what is none."""
    return _field(None, _whole(least, most))


def choice(*values: str) -> Any:
    """One of these; the first where nothing else is said."""

    def one(posted: Posted, name: str) -> tuple[object, str]:
        value = posted.get(name, values[0])
        return (value, "") if value in values else (values[0], "Choose one of the list.")

    return _field(values[0], one)


def _read(form: type[T], posted: Posted) -> tuple[T, Problems]:
    hints = get_type_hints(form)
    values: dict[str, object] = {}
    problems: Problems = []
    for each in fields(form):  # type: ignore[arg-type]  # a form is a dataclass
        value, wrong = _reader_of(each, hints[each.name])(posted, each.name)
        values[each.name] = value
        if wrong:
            problems.append((each.name, wrong))
    return form(**values), problems


def _reader_of(each: "Field[Any]", kind: object) -> Reader:
    if "reader" in each.metadata:
        reader: Reader = each.metadata["reader"]
        return reader
    return _BY_TYPE[kind]


def _field(default: object, reader: Reader) -> Any:
    return field(default=default, metadata={"reader": reader})


def _words(
    longest: int = _LONGEST, *, lines: bool = False, exact: bool = False, cut: bool = False
) -> Reader:
    clean = str if exact else many_lines if lines else one_line

    def words(posted: Posted, name: str) -> tuple[object, str]:
        value = clean(posted.get(name, ""))
        if len(value) <= longest:
            return value, ""
        if cut:
            return value[:longest], ""
        return value, f"Shorten this: it has {len(value):,} characters, {longest:,} is the most."

    return words


def _whole(least: int = 0, most: int = _LARGEST) -> Reader:
    def whole(posted: Posted, name: str) -> tuple[object, str]:
        value = posted.get(name, "").strip()
        if not value:
            return None, ""
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 19:
            return None, "Write a whole number."
        if not least <= int(value) <= most:
            return None, f"Write a number from {least:,} to {most:,}."
        return int(value), ""

    return whole


def _tick(posted: Posted, name: str) -> tuple[object, str]:
    return posted.get(name, "") not in {"", "no"}, ""


def _some(posted: Posted, name: str) -> tuple[object, str]:
    values: Sequence[str] = posted.getlist(name)
    if len(values) > _MOST_VALUES:
        return (), f"Choose at most {_MOST_VALUES:,}."
    return tuple(one_line(value)[:_LONGEST] for value in values), ""


_BY_TYPE: Final[dict[object, Reader]] = {
    str: _words(),
    bool: _tick,
    int | None: _whole(),
    tuple[str, ...]: _some,
}
