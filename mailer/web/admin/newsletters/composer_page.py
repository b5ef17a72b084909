"""What the page of the composer shows: blocks in rows, one of them open, who is here, what can be
undone, and the mail beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import render_template
from flask_security import current_user

from contacts.models import Category
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block, Shelf
from mailer.authoring.blocks.catalogue import BLOCK_TYPES, BlockType
from mailer.authoring.checks import where
from mailer.authoring.pictures import library
from mailer.authoring.revisions import revision_of
from mailer.campaigns import editing, timing
from mailer.campaigns.drafts import presence, undoing
from mailer.campaigns.drafts.blocks import head_of
from mailer.composition import sizing
from mailer.errors import Problem
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.block_forms import BlockForm, form_of
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.network import local
from mailer.web.policy import acting, may
from mailer.web.transactions import session, this_mailer

_PICTURES = 100  # of the library, offered to a field of a picture: the newest
HEAD = "head"  # what stands for the subject and the preview text among the blocks


@dataclass(frozen=True, slots=True)
class Looking:
    """How a person looks at the composer: which block is open, and how the mail is shown."""

    open: str = ""
    add: str = ""
    move: str = ""
    tab: str = "edit"
    seen_as: str = forms.text(named="as")
    person: str = ""
    width: str = "desktop"
    pictures: str = "on"
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A block in the list: ``what`` it is and its ``name``, which may be empty."""

    block: Block
    kind: BlockType
    what: str
    name: str
    known_as: str
    place: int
    problems: Sequence[Problem]
    editor: str  # who else writes in it now


def compose_page(
    issue: Campaign,
    looking: Looking,
    *,
    form: BlockForm | None = None,
    head: Mapping[str, str] | None = None,
) -> str:
    """The page. ``form`` is what was typed into the open block and can't be kept, ``head`` the
    subject and preview text likewise."""
    document, _ = documents.read(issue.document)
    now = this_mailer().clock()
    categories = categories_of()
    problems = editing.problems(issue)
    here = presence.others(session(), issue.id, except_for=current_user.id, now=now)
    in_block = {each.block_id: each.name for each in here if each.block_id}
    edits = issue.editable and may(Power.EDITOR)
    opened = next((each for each in document.blocks if each.id == looking.open), None)
    if form is None and opened is not None and edits:
        form = form_of(opened, _plain(opened), categories)
    rows = [
        _row(block, place, problems, in_block) for place, block in enumerate(document.blocks, 1)
    ]
    standing = standing_of(issue, now=now)
    return render_template(
        "admin/newsletters/compose.html",
        issue=issue,
        standing=standing,
        saved=_saved_at(issue, now),
        goes_out_at=timing.goes_out_at(issue),
        edits=edits,
        rows=rows,
        form=form,
        head=head or head_of(issue),
        head_revision=revision_of(head_of(issue)),
        head_problems=[each for each in problems if each.field in ("subject", "preview_text")],
        looking=looking,
        shelves=_shelves(document),
        problems=problems,
        octets=editing.size(issue),
        most_octets=sizing.REFUSE_FROM,
        here=here,
        undo=undoing.undoable(session(), issue.id, acting()) if edits else [],
        redo=undoing.redoable(session(), issue.id, acting()) if edits else [],
        step_words=undoing.words_of,
        categories=categories,
        pictures=library.search(session(), "", page=1, per_page=_PICTURES)[0] if form else [],
        failed=bool(form and form.problems),
    )


def _saved_at(issue: Campaign, now: datetime) -> str:
    """When it was last saved: the time, and of another day the date."""
    then, today = local(issue.updated_at), local(now)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    return f"{then.day} {then:%b}"


def categories_of() -> list[Category]:
    """The categories of members, in their order."""
    return list(session().query(Category).order_by(Category.position))


def _plain(block: Block) -> dict[str, object]:
    """A block's values as its form shows them."""
    data = documents.block_json(block)
    return {"visible_to": None, **data}


def _row(block: Block, place: int, problems: Sequence[Problem], in_block: Mapping[str, str]) -> Row:
    kind = BLOCK_TYPES[block.type]
    name = str(getattr(block, block.named_by) if block.named_by else "") or block.listed_as()
    if not name:
        missing = any(each.required and not getattr(block, each.name) for each in kind.fields)
        name = "Nothing yet" if missing else block.about.capitalize()
    mine = [each for each in problems if each.block == block.id]
    return Row(
        block,
        kind,
        kind.title,
        " ".join(name.split())[:90],
        where(block, place),
        place,
        mine,
        in_block.get(block.id, ""),
    )


def _shelves(document: documents.Document) -> list[tuple[Shelf, list[tuple[BlockType, bool]]]]:
    """The kinds of block under their headings; False beside one that the issue has already."""
    there = {block.type for block in document.blocks}
    kinds = sorted(BLOCK_TYPES.values(), key=lambda kind: list(Shelf).index(kind.block.shelf))
    return [
        (shelf, [(kind, not (kind.only_one and kind.name in there)) for kind in those])
        for shelf, those in groupby(kinds, key=lambda kind: kind.block.shelf)
    ]
