"""Reads blocks from JSON: types and names are checked here, the content is checked in ``checks``.

Whatever can be read is read, and everything wrong is collected, so that a draft can be edited
while it is not yet fit to be sent.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from mailer.authoring.blocks.base import LEAVE_OUT, LONGEST_NOTE, MUST_WRITE, Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind, default
from mailer.authoring.blocks.sources import SOURCE
from mailer.authoring.text.characters import encodable, many_lines, one_line
from mailer.errors import Problem

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
REVISION: Final = re.compile(r"[0-9a-f]{0,16}")
SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_NOT_IN_FORMS: Final = ("note", "locked", "if_unwritten", "began_as")
_COMMON: Final = frozenset({"id", "type", "visible_to", "source", *_NOT_IN_FORMS})
_COMMON_WANTED: Final = {
    "note": f"Write the note as text of at most {LONGEST_NOTE} characters.",
    "locked": "Write true or false for “locked”.",
    "if_unwritten": f"Choose “{LEAVE_OUT}”, “{MUST_WRITE}” or nothing for “if_unwritten”.",
    "began_as": "Leave “began_as” to the template.",
}
_NOTHING: Final = object()


def read_block(data: object, block_id: str, place: str) -> tuple[Block | None, list[Problem]]:
    """One block; ``place`` is what to call it ("Block 3") while its type is not known."""
    if not isinstance(data, Mapping):
        return None, [Problem(block_id, place, "", "Write each block as an object with a “type”.")]
    kind = BLOCK_TYPES.get(data["type"]) if isinstance(data.get("type"), str) else None
    if kind is None:
        known = ", ".join(BLOCK_TYPES)
        said = f"There is no block type {_shown(data['type'])}." if "type" in data else ""
        message = f"{said} Give the block one of these types: {known}.".strip()
        return None, [Problem(block_id, place, "type", message)]
    named_by = kind.block.named_by
    where = known_as(kind.title, data.get(named_by) if named_by else "", place.lower())
    problems: list[Problem] = []
    values = _read_fields(
        data, kind.fields, kind.block, where=where, block=block_id, problems=problems
    )
    values["visible_to"] = _read_visible_to(data.get("visible_to"), block_id, where, problems)
    values |= _read_common(data, block_id, where, problems)
    for name in data:
        if name not in _COMMON and all(name != field.name for field in kind.fields):
            problems.append(_unknown(block_id, where, "", name, kind.fields))
    values["source"] = _read_source(data, block_id, where, "", problems)
    return kind.block(id=block_id, **values), problems


def read_values(
    data: Mapping[str, object], fields: tuple[Field, ...], cls: type, *, where: str
) -> tuple[dict[str, Any], list[Problem]]:
    """The values of these fields of ``cls``, and what is wrong with their types and names."""
    problems: list[Problem] = []
    values = _read_fields(data, fields, cls, where=where, block="", problems=problems)
    problems += [
        _unknown("", where, "", name, fields)
        for name in data
        if all(name != field.name for field in fields)
    ]
    return values, problems


def known_as(title: str, name: object, place: str) -> str:
    """The name of a block for its author: Story "Retrofit, street by street"."""
    shown = one_line(name) if isinstance(name, str) else ""
    if not shown:
        return f"{title} ({place})"
    return f'{title} "{shown if len(shown) <= 60 else shown[:59] + "…"}"'


def _read_fields(
    data: Mapping[Any, object],
    fields: tuple[Field, ...],
    cls: type,
    *,
    where: str,
    block: str,
    problems: list[Problem],
    prefix: str = "",
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        given = data.get(field.name)
        if given is None:
            values[field.name] = default(cls, field.name)
            continue
        value: object
        if field.kind is FieldKind.ITEMS:
            value = _read_items(given, field, where, block, problems)
        else:
            value = _read_value(given, field)
        if value is _NOTHING:
            name = f"{prefix}{field.name}"
            problems.append(Problem(block, where, name, _wanted(field, given)))
            value = default(cls, field.name)
        values[field.name] = value
    return values


def _read_value(given: object, field: Field) -> object:
    if not isinstance(given, bool if field.kind is FieldKind.TICK else str):
        return _NOTHING
    if isinstance(given, bool):
        return given
    assert isinstance(given, str)
    if field.kind is FieldKind.MARKDOWN:
        return many_lines(given)
    if field.kind is FieldKind.URL:
        # Anything odd inside stays, so that the check can name it.
        return encodable(given).strip()
    value = one_line(given)
    if field.kind is not FieldKind.CHOICE:
        return value
    values = [choice for choice, _ in field.choices]
    value = value or values[0]
    return value if value in values else _NOTHING


def _read_items(
    given: object, field: Field, where: str, block: str, problems: list[Problem]
) -> tuple[object, ...] | object:
    if not isinstance(given, list | tuple):
        return _NOTHING
    assert field.item is not None
    items = []
    for number, each in enumerate(given):
        prefix = f"{field.name}.{number}."
        named = f"{where}, {field.noun} {number + 1}"
        if not isinstance(each, Mapping):
            message = f"Write {field.noun} {number + 1} as an object{_with(field)}."
            problems.append(Problem(block, where, prefix.rstrip("."), message))
            continue
        values = _read_fields(
            each,
            field.parts,
            field.item,
            where=named,
            block=block,
            problems=problems,
            prefix=prefix,
        )
        problems += [
            _unknown(block, named, prefix, name, field.parts)
            for name in each
            if name != "source" and all(name != part.name for part in field.parts)
        ]
        source = _read_source(each, block, named, prefix, problems)
        items.append(field.item(source=source, **values))
    return tuple(items)


def _with(field: Field) -> str:
    """What each thing of a list has to have: " with a title and a start"."""
    needed = [f"a {part.name}" for part in field.parts if part.required]
    return f" with {' and '.join(needed)}" if needed else ""


def _read_visible_to(
    given: object, block: str, where: str, problems: list[Problem]
) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        message = "Write visible_to as a list of categories, like [“full”, “associate”]."
        problems.append(Problem(block, where, "visible_to", message))
        return None
    return tuple(dict.fromkeys(encodable(each) for each in given))


def _read_common(
    data: Mapping[Any, object], block: str, where: str, problems: list[Problem]
) -> dict[str, Any]:
    """What a block may have beside its fields and its readers."""
    values: dict[str, Any] = {}
    fits: Mapping[str, Callable[[Any], bool]] = {
        "note": lambda given: isinstance(given, str) and len(given) <= LONGEST_NOTE,
        "locked": lambda given: isinstance(given, bool),
        "if_unwritten": lambda given: given in ("", LEAVE_OUT, MUST_WRITE),
        "began_as": lambda given: isinstance(given, str) and bool(REVISION.fullmatch(given)),
    }
    for name in _NOT_IN_FORMS:
        given = data.get(name)
        if given is None:
            continue
        if fits[name](given):
            values[name] = many_lines(given) if isinstance(given, str) else given
        else:
            problems.append(Problem(block, where, name, _COMMON_WANTED[name]))
    return values


def _read_source(
    data: Mapping[Any, object], block: str, where: str, prefix: str, problems: list[Problem]
) -> str:
    given = data.get("source") or ""
    if isinstance(given, str) and (not given or SOURCE.fullmatch(given)):
        return given
    message = "Write the source as item and revision, like “12.3”, or take it out."
    problems.append(Problem(block, where, f"{prefix}source", message))
    return ""


def _wanted(field: Field, given: object) -> str:
    if field.kind is FieldKind.TICK:
        return f"Write true or false for “{field.label}”."
    if field.kind is FieldKind.ITEMS:
        return f"Write the {field.noun}s as a list of objects{_with(field)}."
    if field.kind is FieldKind.CHOICE:
        known = ", ".join(f"“{value}”" for value, _ in field.choices)
        return f"Choose one of {known} for “{field.label}”."
    return f"Write “{field.label}” as text, not as {_shown(given)}."


def _unknown(
    block: str, where: str, prefix: str, name: object, fields: tuple[Field, ...]
) -> Problem:
    known = ", ".join(field.name for field in fields)
    shown = _shown(name)
    return Problem(
        block,
        where,
        encodable(f"{prefix}{name}")[:80],
        f"Take out {shown}: the fields here are {known}.",
    )


def _shown(value: object) -> str:
    text = one_line(str(value)) if isinstance(value, str) else type(value).__name__
    return f"“{text[:40]}”"
