"""What the page of the composer shows: blocks in rows, one of them open, who is here, what can be
undone, and the mail beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from flask import render_template
from flask_security import current_user

from contacts.models import Category
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block, Shelf
from mailer.authoring.blocks.catalogue import BLOCK_TYPES, BlockType
from mailer.authoring.checks import where
from mailer.authoring.comparing import ComparedField, compare
from mailer.authoring.pictures import library
from mailer.authoring.revisions import revision_of
from mailer.campaigns import editing, timing
from mailer.campaigns.assembly import overview
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.running import fine
from mailer.campaigns.drafts import comments, presence, taking, undoing
from mailer.campaigns.drafts.blocks import head_of
from mailer.campaigns.drafts.taking import PendingUpdate
from mailer.composition import sizing
from mailer.models import AssembledPart, Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.composer.block_forms import IF_UNWRITTEN, BlockForm, form_of
from mailer.web.admin.newsletters.composer.checking import findings_of_the_words, mended_at
from mailer.web.admin.newsletters.composer.from_library import in_palette
from mailer.web.admin.newsletters.filled import offers_of
from mailer.web.admin.newsletters.finding import audience_of
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.network import local
from mailer.web.policy import acting, may
from mailer.web.transactions import session, this_mailer

_PICTURES = 100  # of the library, offered to a field of a picture: the newest
_HEAD_FIELDS = ("subject", "preview_text")
HEAD = "head"  # what stands for the subject and the preview text among the blocks


@dataclass(frozen=True, slots=True)
class Looking:
    """How a person looks at the composer: which block is open, and how the mail is shown."""

    open: str = ""
    add: str = ""
    move: str = ""
    tab: str = forms.choice("edit", "preview", "checks")
    seen_as: str = forms.text(named="as")
    person: str = ""
    width: str = forms.choice("desktop", "phone", "text")
    pictures: str = forms.choice("on", "off")
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
    to_fix: bool
    left_out: bool  # nobody has written it, and the template leaves it out then
    fixed: bool  # the issue’s template keeps it as it is
    editor: str  # who else writes in it now
    newer: PendingUpdate | None  # in the library, since it took its words
    differs: Sequence[ComparedField]  # and what is different then
    whys: Sequence[AssembledPart]  # what it was filled with, and why


def compose_page(
    issue: Campaign,
    looking: Looking,
    *,
    form: BlockForm | None = None,
    head: Mapping[str, str] | None = None,
    left: Sequence[str] = (),
) -> str:
    """The page. ``form`` is what was typed into the open block and can't be kept, ``head`` the
    subject and preview text likewise, ``left`` the lines of a list that were not understood."""
    document, _ = documents.read(issue.document)
    now = this_mailer().clock()
    categories = categories_of()
    findings = findings_of_the_words(issue)
    here = presence.others(session(), issue.id, except_for=current_user.id, now=now)
    in_block = {each.block_id: each.name for each in here if each.block_id}
    edits = issue.writable and may(Power.CONTRIBUTOR)
    opened = next((each for each in document.blocks if each.id == looking.open), None)
    fixed = opened is not None and opened.locked and not issue.is_template
    if form is None and opened is not None and edits and not fixed:
        form = form_of(opened, _plain(opened), categories)
    to_fix = () if issue.is_template else findings
    newer = taking.pending_updates(session(), document)
    whys = overview.whys(session(), issue.id)
    rows = [
        replace(
            _row(block, place, to_fix, in_block, newer.get(block.id), template=issue.is_template),
            whys=whys.get(block.id, ()),
        )
        for place, block in enumerate(document.blocks, 1)
    ]
    standing = standing_of(issue, now=now)
    return render_template(
        "admin/newsletters/compose.html",
        issue=issue,
        standing=standing,
        saved=_saved_at(issue, now),
        goes_out=_shortly(timing.goes_out_at(issue)),
        edits=edits,
        rows=rows,
        form=form,
        head=head or head_of(issue),
        head_revision=revision_of(head_of(issue)),
        head_fails=any(each.holds_back and each.field in _HEAD_FIELDS for each in to_fix),
        left=left,
        looking=looking,
        shelves=_shelves(document),
        from_library=in_palette() if edits else [],
        offers=offers_of(issue) if edits else [],
        **strip_of(issue, findings),
        here=here,
        undo=undoing.undoable(session(), issue.id, acting()) if edits else [],
        redo=undoing.redoable(session(), issue.id, acting()) if edits else [],
        step_words=undoing.words_of,
        comments=comments.open_by_block(session(), issue.id) if issue.editable else {},
        categories=categories,
        reach=audience_of(issue) if form is not None and issue.editable else None,
        if_unwritten=IF_UNWRITTEN,
        pictures=library.search(session(), "", page=1, per_page=_PICTURES)[0] if form else [],
        failed=bool(form and form.problems),
    )


def _saved_at(issue: Campaign, now: datetime) -> str:
    """When it was last saved: the time, and of another day the date."""
    then, today = local(issue.updated_at), local(now)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    return f"{then.day} {then:%b}"


def _shortly(moment: datetime | None) -> str:
    """When it goes out, in a few words: Tue 8 Dec, 10:00."""
    if moment is None:
        return ""
    there = local(moment)
    return f"{there:%a} {there.day} {there:%b, %H:%M}"


def strip_of(issue: Campaign, findings: Sequence[CheckFinding]) -> dict[str, object]:
    """What the strip at the foot shows: the first of what to fix and to look at, and the size."""
    open_ones = [each for each in findings if each.is_open]
    return {
        "to_fix": [(each, mended_at(issue, each)) for each in open_ones if each.holds_back],
        "to_look": [(each, mended_at(issue, each)) for each in open_ones if not each.holds_back],
        "fine": fine(findings),
        "octets": editing.size(issue),
        "most_octets": sizing.REFUSE_FROM,
    }


def categories_of() -> list[Category]:
    """The categories of members, in their order."""
    return list(session().query(Category).order_by(Category.position))


def _plain(block: Block) -> dict[str, object]:
    """A block's values as its form shows them."""
    data = documents.block_json(block)
    return {"visible_to": None, "note": "", "locked": False, "if_unwritten": "", **data}


def _row(
    block: Block,
    place: int,
    findings: Sequence[CheckFinding],
    in_block: Mapping[str, str],
    newer: PendingUpdate | None,
    *,
    template: bool,
) -> Row:
    kind = BLOCK_TYPES[block.type]
    name = str(getattr(block, block.named_by) if block.named_by else "") or block.listed_as()
    if not name:
        missing = any(each.required and not getattr(block, each.name) for each in kind.fields)
        name = "Nothing yet" if missing else block.about.capitalize()
    return Row(
        block,
        kind,
        kind.title,
        " ".join(name.split())[:90],
        where(block, place),
        place,
        any(each.holds_back and each.block == block.id for each in findings),
        documents.is_left_out(block),
        block.locked and not template,
        in_block.get(block.id, ""),
        newer,
        _differs(newer) if newer else (),
        (),
    )


def _differs(newer: PendingUpdate) -> list[ComparedField]:
    """The fields that an update would change, with the words that come and go."""
    fields = compare(documents.block_json(newer.before), documents.block_json(newer.after))
    return [each for each in fields if each.differs]


def _shelves(document: documents.Document) -> list[tuple[Shelf, list[tuple[BlockType, bool]]]]:
    """The kinds of block under their headings; False beside one that the issue has already."""
    there = {block.type for block in document.blocks}
    kinds = sorted(BLOCK_TYPES.values(), key=lambda kind: list(Shelf).index(kind.block.shelf))
    return [
        (shelf, [(kind, not (kind.only_one and kind.name in there)) for kind in those])
        for shelf, those in groupby(kinds, key=lambda kind: kind.block.shelf)
    ]
