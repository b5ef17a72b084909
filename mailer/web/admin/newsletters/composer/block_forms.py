"""The form of a block: read into values, and its values for the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from contacts.models import Category
from mailer.authoring.blocks.base import LEAVE_OUT, LONGEST_NOTE, MUST_WRITE, Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES, BlockType
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.typed_dates import read_typed
from mailer.campaigns.drafts.blocks import revision
from mailer.web import forms
from mailer.web.admin.newsletters.composer.sent_pictures import AwaitedPicture, typed_or_sent
from mailer.web.network import local_now

IF_UNWRITTEN: Final = {
    "": "It can’t go out until somebody writes it, or takes it out",
    LEAVE_OUT: "It is left out of the mail",
    MUST_WRITE: "It has to be written in every issue",
}
EMPTY_ROWS: Final = 1  # offered below the things that a list has


@dataclass(frozen=True, slots=True)
class BlockForm:
    """What the form of a block shows: ``values`` as kept or as typed, ``errors`` a field's sentence
    by its name. ``revision`` is what the person is looking at."""

    block: Block
    kind: BlockType
    values: Mapping[str, Any]
    revision: str
    rows: list[Mapping[str, Any]]
    seen_by: frozenset[str]
    problems: list[tuple[str, str]]
    errors: Mapping[str, str]


def form_of(
    block: Block,
    values: Mapping[str, Any],
    categories: list[Category],
    *,
    revision_seen: str = "",
    problems: forms.Problems | None = None,
) -> BlockForm:
    """The form of a block with these values; ``problems`` stand beside the fields they name."""
    kind = BLOCK_TYPES[block.type]
    listed = next((each for each in kind.fields if each.kind is FieldKind.ITEMS), None)
    rows = list(values.get(listed.name) or []) if listed else []
    seen_by = values.get("visible_to")
    everyone = (each.slug for each in categories)
    return BlockForm(
        block,
        kind,
        values,
        revision_seen or revision(block),
        [*rows, *({} for _ in range(max(EMPTY_ROWS, (listed.least if listed else 0) - len(rows))))],
        frozenset(everyone if seen_by is None else seen_by),
        problems or [],
        dict(problems or []),
    )


def values_of(block: Block, posted: forms.Posted, categories: list[Category]) -> dict[str, Any]:
    """What the form holds. Nobody is left out where every category is ticked."""
    values = field_values(BLOCK_TYPES[block.type].fields, posted)
    if "visible_to_asked" in posted:
        ticked = posted.getlist("visible_to")
        values["visible_to"] = None if {each.slug for each in categories} <= set(ticked) else ticked
    if "note" in posted:
        values["note"] = str(posted["note"]).replace("\r\n", "\n").strip()[:LONGEST_NOTE]
    if "template_asked" in posted:
        values["locked"] = posted.get("locked") == "yes"
        rule = posted.get("if_unwritten", "")
        values["if_unwritten"] = rule if rule in IF_UNWRITTEN else ""
    return values


def field_values(fields: tuple[Field, ...], form: forms.Posted, prefix: str = "") -> dict[str, Any]:
    """What the form holds for these fields; a field of things is a list of rows."""
    values: dict[str, Any] = {}
    for field in fields:
        name = f"{prefix}{field.name}"
        if field.kind is FieldKind.TICK:
            values[field.name] = form.get(name) == "yes"
        elif field.kind is FieldKind.ITEMS:
            if f"{name}-rows" not in form:
                continue
            rows = range(forms.count(form, f"{name}-rows", most=field.most + EMPTY_ROWS))
            things = [field_values(field.parts, form, f"{name}-{row}-") for row in rows]
            values[field.name] = [
                {part: said for part, said in thing.items() if said or _is_sent(said)}
                | _source(form, f"{name}-{row}-source")
                for row, thing in enumerate(things)
                if _says_something(thing, field)
            ]
        elif name in form:
            said = str(form[name]).replace("\r\n", "\n").strip()
            if field.kind is FieldKind.DATE:
                said = read_typed(said, today=local_now().date()) or said
            values[field.name] = typed_or_sent(name, said) if field.picture else said
    return values


def _source(form: forms.Posted, name: str) -> dict[str, str]:
    """Where a thing came from, as the form was given it."""
    said = one_line(form.get(name, ""))
    return {"source": said} if said else {}


def _says_something(thing: Mapping[str, Any], field: Field) -> bool:
    """Whether a row of the form holds more than the choices that it began with."""
    chosen = {part.name: part.choices[0][0] for part in field.parts if part.choices}
    return any(
        _is_sent(said) or (said and said != chosen.get(name)) for name, said in thing.items()
    )


def _is_sent(value: object) -> bool:
    return isinstance(value, AwaitedPicture)
