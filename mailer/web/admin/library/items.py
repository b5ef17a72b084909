"""One item of the library: written, said to be ready, added to an issue, put in the bin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.actors import Subject
from contacts.models import AuditEntry, Organisation
from mailer.accounts.naming import name_of
from mailer.authoring.document import read
from mailer.authoring.library import items, listing, published
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.kinds.catalogue import FIELDS, KINDS, kind_of, unfinished
from mailer.authoring.pictures import library as pictures
from mailer.authoring.pictures.shaping import LARGEST
from mailer.campaigns import editing
from mailer.campaigns.drafts import taking
from mailer.errors import DocumentError, FormError, NotAllowed
from mailer.gathering.feeds.entries import source_has_changed
from mailer.models import LibraryItem, Power
from mailer.web import forms
from mailer.web.admin.library.words import be_of_kind, tag_of, used_in
from mailer.web.admin.newsletters.composer.block_forms import field_values
from mailer.web.admin.newsletters.composer.sent_pictures import keep_pictures, sent_pictures
from mailer.web.admin.newsletters.finding import link
from mailer.web.admin.newsletters.history import Happening
from mailer.web.front import bounds
from mailer.web.front.bounds import largest
from mailer.web.network import local_now
from mailer.web.policy import acting, may, policy, who_else
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("library_items", __name__, url_prefix="/library")
_PICTURES: Final = 100  # offered to the field of a picture: the newest
_HAPPENED: Final = 20
_WORDS: Final[Mapping[str, str]] = {
    "library made": "Written",
    "library edited": "Changed",
    "library made ready": "Said to be ready",
    "library taken back": "Made a draft again",
    "library binned": "Put in the bin",
    "library put back": "Put back",
    "library added to an issue": "Added to an issue",
    "library kept as it is": "Kept as it is, though its source had changed",
    "library shown": "May stand on the public pages",
    "library hidden": "Taken off the public pages",
}


@dataclass(frozen=True, slots=True)
class _Written:
    member: int | None = None
    revision: int | None = None
    then: str = forms.choice("keep", "ready")


@dataclass(frozen=True, slots=True)
class _Public:
    public: bool = False


@dataclass(frozen=True, slots=True)
class _Issue:
    issue: int | None = None


@blueprint.get("/new")
@policy(Power.CONTRIBUTOR)
def choose() -> ResponseReturnValue:
    """Which kind of item a new one is to be."""
    return render_template("admin/library/choose.html", kinds=KINDS.values())


@blueprint.get("/new/<kind>")
@policy(Power.CONTRIBUTOR)
def new(kind: str) -> ResponseReturnValue:
    """The form of a new item."""
    return _form(kind, {}, None)


@blueprint.post("/new/<kind>")
@policy(Power.CONTRIBUTOR)
@largest(LARGEST + bounds.FORM)
@reading
def make(kind: str) -> ResponseReturnValue:
    """Keep a new item, as a draft or ready."""
    return _save(kind, None)


@blueprint.get("/<int:item_id>")
@policy(Power.VIEWER)
def show(item_id: int) -> ResponseReturnValue:
    """An item: what it says, where it stands, what happened to it, where it was told."""
    item = items.find(session(), item_id)
    return _form(item.kind, item.fields, item)


@blueprint.post("/<int:item_id>")
@policy(Power.CONTRIBUTOR)
@largest(LARGEST + bounds.FORM)
@reading
def save(item_id: int) -> ResponseReturnValue:
    """Keep what was written; what can't be kept stays in the form, with the reason."""
    return _save(items.find(session(), item_id).kind, item_id)


@blueprint.post("/<int:item_id>/ready")
@policy(Power.CONTRIBUTOR)
def make_ready(item_id: int) -> ResponseReturnValue:
    """Say that issues may have it."""
    try:
        item = items.make_ready(session(), item_id, actor=acting(), now=this_mailer().clock())
    except FormError as error:
        item = items.find(session(), item_id)
        return _form(item.kind, item.fields, item, problems=error.problems), 422
    flash(f"“{item.title}” is ready: any issue can have it.", "success")
    return _back(item)


@blueprint.post("/<int:item_id>/draft")
@policy(Power.CONTRIBUTOR)
def take_back(item_id: int) -> ResponseReturnValue:
    """Make it a draft again."""
    item = items.take_back(session(), item_id, actor=acting(), now=this_mailer().clock())
    flash(f"“{item.title}” is a draft again.", "success")
    return _back(item)


@blueprint.post("/<int:item_id>/public")
@policy(Power.EDITOR)
def set_public(item_id: int) -> ResponseReturnValue:
    """Let it stand on the public pages, or take it off them."""
    form, _ = forms.read(_Public)
    item = published.set_public(
        session(), item_id, public=form.public, actor=acting(), now=this_mailer().clock()
    )
    where = "may stand on" if item.is_public else "is not on"
    flash(f"“{item.title}” {where} the public pages.", "success")
    return _back(item)


@blueprint.post("/<int:item_id>/bin")
@policy(Power.CONTRIBUTOR)
def put_in_bin(item_id: int) -> ResponseReturnValue:
    """Put it in the bin."""
    item = items.put_in_bin(session(), item_id, actor=acting(), now=this_mailer().clock())
    flash(f"“{item.title}” is in the bin. It can be put back for thirty days.", "success")
    return _back(item)


@blueprint.post("/<int:item_id>/put-back")
@policy(Power.CONTRIBUTOR)
def put_back(item_id: int) -> ResponseReturnValue:
    """Take it out of the bin."""
    item = items.put_back(session(), item_id, actor=acting(), now=this_mailer().clock())
    flash(f"“{item.title}” is back in the library.", "success")
    return _back(item)


@blueprint.post("/<int:item_id>/add")
@policy(Power.CONTRIBUTOR)
def add(item_id: int) -> ResponseReturnValue:
    """Put it into an issue, and open the block there."""
    form, problems = forms.read(_Issue)
    if form.issue is None or problems:
        raise NotAllowed("Choose the issue that it goes into.")
    now = this_mailer().clock()
    block = taking.add(session(), form.issue, item_id, actor=acting(), now=now)
    issue, item = editing.find(session(), form.issue), items.find(session(), item_id)
    flash(f"“{item.title}” is in {issue.name}.", "undo")
    return redirect(link("composing.show", issue, open=block.id) + f"#b-{block.id}")


def _save(kind: str, item_id: int | None) -> ResponseReturnValue:
    fields = FIELDS[kind_of(kind).key]
    form, problems = forms.read(_Written)
    values = field_values(fields, forms.posted())
    sent, wrong = sent_pictures(values)
    write_from_now_on()
    keep_pictures(sent, values)
    typed = {name: value for name, value in values.items() if value}
    if problems := [*problems, *wrong]:
        return _refused(kind, typed, item_id, form, problems)
    try:
        item = _kept(kind, item_id, WrittenItem(typed, form.member), form)
    except DocumentError as error:
        said = [(each.field, each.message) for each in error.problems]
        return _refused(kind, typed, item_id, form, said)
    except FormError as error:
        return _refused(kind, typed, item_id, form, error.problems)
    except NotAllowed as refusal:
        return _refused(kind, typed, item_id, form, [("", str(refusal))])
    if form.then != "ready":
        flash("Saved.", "success")
        return _back(item)
    try:
        items.make_ready(session(), item.id, actor=acting(), now=this_mailer().clock())
    except FormError:  # the page says what is missing; the words are kept
        flash("Saved as a draft: something is missing.", "warning")
    else:
        flash("Saved, and ready.", "success")
    return _back(item)


def _kept(kind: str, item_id: int | None, written: WrittenItem, form: _Written) -> LibraryItem:
    now = this_mailer().clock()
    if item_id is None:
        return items.make(session(), kind, written, actor=acting(), now=now)
    expected = form.revision or 0
    return items.edit(session(), item_id, written, expected=expected, actor=acting(), now=now)


def _refused(
    kind: str, typed: Mapping[str, Any], item_id: int | None, form: _Written, problems: Any
) -> ResponseReturnValue:
    """What was typed again, with the reason; nothing of it is kept."""
    item = items.find(session(), item_id) if item_id is not None else None
    return _form(kind, typed, item, form=form, problems=problems), 422


def _form(
    kind: str,
    values: Mapping[str, Any],
    item: LibraryItem | None,
    *,
    form: _Written | None = None,
    problems: forms.Problems | None = None,
) -> str:
    found = kind_of(kind)
    be_of_kind(kind)
    listed = listing.listed(session(), [item])[0] if item else None
    edits = may(Power.CONTRIBUTOR)
    kept = items.kept_of(item) if item else None
    return render_template(
        "admin/library/item.html",
        kind=found,
        fields=FIELDS[kind],
        values=values,
        item=item,
        listed=listed,
        tag=tag_of(listed) if listed else None,
        member=form.member if form else item.organisation_id if item else None,
        revision=(form.revision if form else None) or (item.revision if item else 0),
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        missing=[] if problems or kept is None else unfinished(kept),
        late=[said for _, said in kept.problems_at(local_now())] if kept else [],
        edits=edits and (item is None or item.binned_at is None),
        may_edit_it=edits,
        organisations=_organisations(),
        pictures=pictures.search(session(), "", page=1, per_page=_PICTURES)[0] if edits else [],
        issues=_issues(listed) if edits and listed else [],
        older_in=_older_in(listed) if listed else set(),
        used_in=used_in,
        history=_history(item) if item else [],
        removed_at=items.removed_at,
        from_feed=_from_feed(item) if item else [],
        who_can=who_else(Power.CONTRIBUTOR),
    )


def _from_feed(item: LibraryItem) -> list[tuple[str, str, str]]:
    """Where its feed says something else by now: what of, what it says here, and what there."""
    if not source_has_changed(item):
        return []
    said, there = item.fields, item.feed_fields or {}
    return [
        (of.label, str(said.get(of.name, "")), str(there.get(of.name, "")))
        for of in FIELDS[item.kind]
        if said.get(of.name, "") != there.get(of.name, "")
    ]


def _issues(listed: listing.ListedItem) -> list[tuple[int, str]]:
    """The issues that it can be added to: those that have it not."""
    having = {use.issue.id for use in listed.uses}
    return [
        (each.id, each.name) for each in taking.issues_to_add_to(session()) if each.id not in having
    ]


def _older_in(listed: listing.ListedItem) -> set[int]:
    """The issues that are being written and have other words of it than it has now."""
    older = set()
    for use in listed.uses:
        if not use.is_out:
            document, _ = read(use.issue.document)
            pending = taking.pending_updates(session(), document).values()
            if any(each.item_id == listed.item.id for one in pending for each in one.items):
                older.add(use.issue.id)
    return older


def _organisations() -> list[tuple[int, str]]:
    query = select(Organisation.id, Organisation.name).order_by(Organisation.name_key)
    return [(number, name) for number, name in session().execute(query)]


def _history(item: LibraryItem) -> list[Happening]:
    entries = session().scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == Subject(items.SUBJECT, item.id))
        .order_by(AuditEntry.id.desc())
        .limit(_HAPPENED)
    )
    return [
        Happening(_WORDS.get(each.act, each.act), name_of(session(), each.actor), each.at)
        for each in entries
    ]


def _back(item: LibraryItem) -> ResponseReturnValue:
    return redirect(url_for("library_items.show", item_id=item.id))
