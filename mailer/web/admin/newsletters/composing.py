"""The composer without script: a list of blocks, a form page for each, and the real preview."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from contacts.models import Category
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES, BlockType
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.checks import where
from mailer.authoring.pictures import library
from mailer.authoring.pictures.shaping import LARGEST
from mailer.campaigns import blocks, editing, previews
from mailer.errors import DocumentError, NotAllowed
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.admin.newsletters.sent_pictures import (
    AwaitedPicture,
    keep_pictures,
    sent_pictures,
    typed_or_sent,
)
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.front import bounds
from mailer.web.front.bounds import largest
from mailer.web.policy import acting, policy
from mailer.web.security import mail_policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("composing", __name__, url_prefix="/issues/<newsletter>/<slug>/compose")
_PICTURES = 100  # of the library, offered to a field of a picture: the newest
_EMPTY_EVENTS = 3  # empty rows offered below the events there are


@dataclass(frozen=True, slots=True)
class _Shown:
    seen_as: str = forms.text(named="as")
    width: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class _Added:
    type: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    visible_to: tuple[str, ...] = ()
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Moved:
    to: str = forms.choice("down", "up")


@blueprint.get("")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The blocks and the preview."""
    issue = issue_of(newsletter, slug)
    document, _ = documents.read(issue.document)
    asked = forms.asked(_Shown)
    standing = standing_of(issue, now=this_mailer().clock())
    return render_template(
        "admin/newsletters/compose.html",
        issue=issue,
        tag=standing.tag,
        sentence=standing.sentence,
        blocks=[(block, where(block, place)) for place, block in enumerate(document.blocks, 1)],
        types=_offered(issue),
        problems=editing.problems(issue),
        categories=_categories(),
        seen_as=asked.seen_as,
        width=asked.width or "desktop",
    )


@blueprint.get("/preview")
@policy(Power.VIEWER)
def preview(newsletter: str, slug: str) -> ResponseReturnValue:
    """The real mail as a reader of a category gets it, for a frame that runs nothing."""
    issue, asked = issue_of(newsletter, slug), forms.asked(_Shown)
    as_text = asked.part == "text"
    part = previews.preview(
        session(), this_mailer(), issue, category=asked.seen_as, as_text=as_text
    )
    mimetype = "text/plain" if as_text else "text/html"
    headers = {
        "Content-Security-Policy": mail_policy(this_mailer().settings.site),
        "X-Robots-Tag": "noindex",
    }
    return Response(part, mimetype=mimetype, headers=headers)


@blueprint.post("/add")
@policy(Power.EDITOR)
def add(newsletter: str, slug: str) -> ResponseReturnValue:
    """A new block, and its form at once."""
    issue, kind = issue_of(newsletter, slug), forms.read(_Added)[0].type
    now = this_mailer().clock()
    made = blocks.add_block(session(), issue.id, kind, actor=acting(), now=now)
    return redirect(link("composing.edit", issue, block_id=made.id))


@blueprint.get("/<block_id>")
@policy(Power.EDITOR)
def edit(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """The form of one block."""
    issue = issue_of(newsletter, slug)
    block = blocks.block_of(issue, block_id)
    return _form(issue, block, asdict(block), issue.version)


@blueprint.post("/<block_id>")
@policy(Power.EDITOR)
@largest(LARGEST + bounds.FORM)
@reading
def save(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Keep a block. What cannot be kept stays in the form, with the reason beside it."""
    issue = issue_of(newsletter, slug)
    block = blocks.block_of(issue, block_id)
    form, _ = forms.read(_Kept)
    version = form.version or 0
    values = _values(BLOCK_TYPES[block.type].fields, forms.posted())
    values["visible_to"] = list(form.visible_to) or None
    sent, refused = sent_pictures(values)
    write_from_now_on()
    issue = issue_of(newsletter, slug)
    keep_pictures(sent, values)
    if refused:
        return _form(issue, block, values, version, refused), 422
    try:
        blocks.edit_block(
            session(),
            issue.id,
            block_id,
            values,
            expected_version=version,
            actor=acting(),
            now=this_mailer().clock(),
        )
    except DocumentError as error:
        problems = [(each.field, each.message) for each in error.problems]
        return _form(issue, block, values, version, problems), 422
    except NotAllowed as error:
        return _form(issue, block, values, issue.version, [("", str(error))]), 409
    flash("Saved.", "success")
    return redirect(link("composing.show", issue) + f"#b-{block_id}")


@blueprint.post("/<block_id>/move")
@policy(Power.EDITOR)
def move(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """One place up or down."""
    issue, up = issue_of(newsletter, slug), forms.read(_Moved)[0].to == "up"
    now = this_mailer().clock()
    blocks.move_block(session(), issue.id, block_id, up=up, actor=acting(), now=now)
    return redirect(link("composing.show", issue) + f"#b-{block_id}")


@blueprint.get("/<block_id>/remove")
@policy(Power.EDITOR)
def removal(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """The question before a block goes, with everything that was written in it."""
    issue = issue_of(newsletter, slug)
    block = blocks.block_of(issue, block_id)
    document, _ = documents.read(issue.document)
    place = [each.id for each in document.blocks].index(block_id) + 1
    return render_template(
        "admin/confirm.html",
        title=f"Remove {where(block, place)}?",
        from_where=issue.name,
        back=link("composing.show", issue) + f"#b-{block_id}",
        sentences=["What is written in it goes too, and can’t be had back."],
        verb="Remove it",
        keep="Keep it",
    )


@blueprint.post("/<block_id>/remove")
@policy(Power.EDITOR)
def remove(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Without this block."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    blocks.remove_block(session(), issue.id, block_id, actor=acting(), now=now)
    flash("Removed.", "success")
    return redirect(link("composing.show", issue) + "#blocks")


def _values(fields: tuple[Field, ...], form: forms.Posted, prefix: str = "") -> dict[str, Any]:
    """What the form holds for these fields; an events field is a list of rows."""
    values: dict[str, Any] = {}
    for field in fields:
        name = f"{prefix}{field.name}"
        if field.kind is FieldKind.TICK:
            values[field.name] = form.get(name) == "yes"
        elif field.kind is FieldKind.ITEMS:
            rows = range(forms.count(form, f"{name}-rows", most=field.most + _EMPTY_EVENTS))
            events = [_values(field.parts, form, f"{name}-{row}-") for row in rows]
            values[field.name] = [
                {part: said for part, said in event.items() if said or _is_sent(said)}
                for event in events
                if any(event.values()) or any(map(_is_sent, event.values()))
            ]
        elif name in form:
            said = str(form[name]).replace("\r\n", "\n").strip()
            values[field.name] = typed_or_sent(name, said) if field.picture else said
    return values


def _is_sent(value: object) -> bool:
    return isinstance(value, AwaitedPicture)


def _form(
    issue: Campaign,
    block: Block,
    values: Mapping[str, Any],
    version: int,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    kind = BLOCK_TYPES[block.type]
    events = next((field for field in kind.fields if field.kind is FieldKind.ITEMS), None)
    rows = list(values.get(events.name) or []) if events else []
    return render_template(
        "admin/newsletters/block.html",
        issue=issue,
        block=block,
        kind=kind,
        values=values,
        rows=[*rows, *({} for _ in range(_EMPTY_EVENTS))],
        version=version,
        categories=_categories(),
        visible_to=values.get("visible_to") or (),
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        pictures=library.search(session(), "", page=1, per_page=_PICTURES)[0],
    )


def _offered(issue: Campaign) -> list[BlockType]:
    """The kinds that can be added to this issue."""
    document, _ = documents.read(issue.document)
    there = {block.type for block in document.blocks}
    return [kind for kind in BLOCK_TYPES.values() if not (kind.only_one and kind.name in there)]


def _categories() -> list[Category]:
    return list(session().query(Category).order_by(Category.position))
