"""The library in the composer: what is ready, put in by one press, and words taken anew."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from mailer.authoring.checks import where
from mailer.authoring.library import items, listing
from mailer.authoring.library.items import kept_of
from mailer.authoring.library.kinds.catalogue import KINDS
from mailer.authoring.library.listing import ListedItem
from mailer.campaigns.drafts import taking
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.network import local_now
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("from_library", __name__, url_prefix="/issues/<newsletter>/<slug>/compose")
_MOST: Final = 200
_IN_PALETTE: Final = 60
_SHOWN_OF_A_KIND: Final = 2


@dataclass(frozen=True, slots=True)
class _Place:
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Taken:
    item: int | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class OfferedItem:
    """What is ready and can be added: its title, whose it is, and what is wrong with it."""

    id: int
    kind: str
    title: str
    whose: str
    drawing: str
    wrong: str


@blueprint.get("/from-library")
@policy(Power.CONTRIBUTOR)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """Everything that is ready, kind by kind."""
    issue = issue_of(newsletter, slug)
    Verb.EDIT.check(issue.status)
    found = _offered(_MOST)
    found.sort(key=lambda each: list(KINDS).index(each.kind))
    return render_template(
        "admin/newsletters/from_library.html",
        issue=issue,
        after=forms.asked(_Place).after,
        kinds=[
            (KINDS[kind], list(those)) for kind, those in groupby(found, key=lambda each: each.kind)
        ],
    )


@blueprint.post("/from-library")
@policy(Power.CONTRIBUTOR)
def add(newsletter: str, slug: str) -> ResponseReturnValue:
    """Put an item into the issue."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Taken)
    if form.item is None or problems:
        raise NotAllowed("Choose something of the library.")
    now = this_mailer().clock()
    block = taking.add(
        session(), issue.id, form.item, after=form.after or None, actor=acting(), now=now
    )
    flash(f"“{items.find(session(), form.item).title}” is in the issue.", "undo")
    return redirect(link("composing.show", issue, open=block.id) + f"#b-{block.id}")


@blueprint.post("/<block_id>/from-library")
@policy(Power.CONTRIBUTOR)
def update(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Let a block say what the library says now."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    block = taking.update(session(), issue.id, block_id, actor=acting(), now=now)
    flash(f"{where(block, 1)} says what the library says.", "undo")
    return redirect(link("composing.show", issue) + f"#b-{block_id}")


def in_palette() -> list[tuple[OfferedItem, bool]]:
    """What the palette offers: what is ready and not over. False beside what is only found by a
    word: of each kind the first few are shown at once."""
    offered = [each for each in _offered(_IN_PALETTE) if not each.wrong]
    shown: Counter[str] = Counter()
    found = []
    for each in offered:
        shown[each.kind] += 1
        found.append((each, shown[each.kind] <= _SHOWN_OF_A_KIND))
    return found


def _offered(most: int) -> list[OfferedItem]:
    return [_offer(each) for each in listing.offered(session(), most=most)]


def _offer(listed: ListedItem) -> OfferedItem:
    item, kept = listed.item, kept_of(listed.item)
    return OfferedItem(
        item.id,
        item.kind,
        item.title,
        item.organisation.name if item.organisation else "",
        kept.block.drawing,
        next((said for _, said in kept.problems_at(local_now())), ""),
    )
