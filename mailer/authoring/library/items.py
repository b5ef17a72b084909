"""Items of the library: made, changed, said to be ready, put in the bin and removed from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, joinedload

from contacts import audit
from contacts.actors import Actor, ActorKind
from contacts.models import Organisation
from contacts.names import fold
from mailer.authoring.library.kinds.base import KeptItem
from mailer.authoring.library.kinds.catalogue import kept_json, read_kept, unfinished
from mailer.errors import FormError, NotAllowed, NotFound
from mailer.models import ItemOrigin, ItemState, LibraryItem, LibraryUse

KEPT: Final = timedelta(days=30)  # in the bin
SUBJECT: Final = "library item"  # in the audit
_LONGEST_TITLE: Final = 998
_CLOCK: Final = Actor(ActorKind.CLOCK)


@dataclass(frozen=True, slots=True)
class WrittenItem:
    """What somebody writes of an item: the fields of its kind, and whose it is."""

    fields: Mapping[str, object]
    organisation_id: int | None = None


def find(session: Session, item_id: int, *, lock: bool = False) -> LibraryItem:
    """One item with its organisation, also of the bin; NotFound for a wrong number."""
    query = (
        select(LibraryItem)
        .where(LibraryItem.id == item_id)
        .options(joinedload(LibraryItem.organisation))
    )
    if lock:
        query = query.with_for_update(of=LibraryItem).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound("That is no longer in the library. Somebody may have removed it.")
    return found


def kept_of(item: LibraryItem) -> KeptItem:
    """What an item says."""
    return read_kept(item.kind, item.fields)


def make(
    session: Session,
    kind: str,
    written: WrittenItem,
    *,
    actor: Actor,
    now: datetime,
    origin: ItemOrigin = ItemOrigin.PERSON,
    state: ItemState = ItemState.DRAFT,
) -> LibraryItem:
    """A new draft, or what somebody was ASKED for. DocumentError for unknown fields and wrong
    types, FormError while nobody can tell it from others; what is merely unfinished is kept."""
    kept, organisation = _read(session, kind, written)
    item = LibraryItem(
        kind=kind,
        state=state,
        revision=1,
        origin=origin,
        created_at=now,
        updated_at=now,
    )
    _write(item, kept, organisation)
    session.add(item)
    session.flush()
    note(session, item, "made", actor=actor, now=now)
    return item


def edit(
    session: Session,
    item_id: int,
    written: WrittenItem,
    *,
    expected: int,
    actor: Actor,
    now: datetime,
) -> LibraryItem:
    """Keep what was written. ``expected`` is the revision that the person was looking at:
    NotAllowed when it has moved on. What was ready and is unfinished now is a draft again."""
    item = find(session, item_id, lock=True)
    _must_not_be_binned(item)
    kept, organisation = _read(session, item.kind, written)
    if kept_json(kept) == item.fields and item.organisation_id == _id(organisation):
        return item
    if item.revision != expected:
        raise NotAllowed(
            "Somebody else changed this while you were writing. Your words are below: compare them "
            "with the item as it is now, then save again."
        )
    changed = sorted(
        name
        for name in {*item.fields, *kept_json(kept)}
        if item.fields.get(name) != kept_json(kept).get(name)
    )
    _write(item, kept, organisation)
    item.revision += 1
    item.updated_at = now
    if item.state is ItemState.ASKED or (item.state is ItemState.READY and unfinished(kept)):
        item.state = ItemState.DRAFT
    note(session, item, "edited", actor=actor, now=now, changed=changed)
    return item


def make_ready(session: Session, item_id: int, *, actor: Actor, now: datetime) -> LibraryItem:
    """Say that an issue may have it. FormError, a sentence a field, while something is missing."""
    item = find(session, item_id, lock=True)
    _must_not_be_binned(item)
    if problems := unfinished(kept_of(item)):
        raise FormError(problems)
    if item.state is not ItemState.READY:
        item.state, item.updated_at = ItemState.READY, now
        note(session, item, "made ready", actor=actor, now=now)
    return item


def take_back(session: Session, item_id: int, *, actor: Actor, now: datetime) -> LibraryItem:
    """Make what was ready a draft again: no issue is offered it. Where it is in one, it stays."""
    item = find(session, item_id, lock=True)
    _must_not_be_binned(item)
    if item.state is ItemState.READY:
        item.state, item.updated_at = ItemState.DRAFT, now
        note(session, item, "taken back", actor=actor, now=now)
    return item


def put_in_bin(session: Session, item_id: int, *, actor: Actor, now: datetime) -> LibraryItem:
    """Put an item in the bin, from which it can be put back. Issues that have it keep it."""
    item = find(session, item_id, lock=True)
    if item.binned_at is None:
        item.binned_at = now
        note(session, item, "binned", actor=actor, now=now)
    return item


def put_back(session: Session, item_id: int, *, actor: Actor, now: datetime) -> LibraryItem:
    """Take an item out of the bin."""
    item = find(session, item_id, lock=True)
    if item.binned_at is not None:
        item.binned_at = None
        note(session, item, "put back", actor=actor, now=now)
    return item


def empty_bin(session: Session, *, now: datetime) -> int:
    """Remove what has been in the bin for thirty days; how many. What an issue has stays there,
    so that nobody is ever offered it as new."""
    used = exists().where(LibraryUse.item_id == LibraryItem.id)
    over = session.scalars(
        select(LibraryItem)
        .where(LibraryItem.binned_at <= now - KEPT, ~used)
        .with_for_update(skip_locked=True)
    ).all()
    for item in over:
        note(session, item, "removed", actor=_CLOCK, now=now, title=item.title)
    session.flush()
    session.execute(
        delete(LibraryItem)
        .where(LibraryItem.id.in_([each.id for each in over]), ~used)
        .execution_options(synchronize_session=False)
    )
    return len(over)


def removed_at(item: LibraryItem) -> datetime | None:
    """When it is removed for good, unless an issue has it; None for what is not in the bin."""
    return item.binned_at + KEPT if item.binned_at else None


def _read(
    session: Session, kind: str, written: WrittenItem
) -> tuple[KeptItem, Organisation | None]:
    organisation = None
    fields = dict(written.fields)
    kept = read_kept(kind, fields)
    if written.organisation_id is not None:
        organisation = session.get(Organisation, written.organisation_id)
        if organisation is None:
            raise FormError([("member", "Choose an organisation of the list.")])
        if kept.whose and not getattr(kept, kept.whose):
            kept = read_kept(kind, {**fields, kept.whose: organisation.name})
    title = getattr(kept, kept.named_by)
    if not title:
        raise FormError([(kept.named_by, "Say in a few words what it is about.")])
    if len(title) > _LONGEST_TITLE:
        raise FormError([(kept.named_by, f"Shorten this: {_LONGEST_TITLE} characters at most.")])
    return kept, organisation


def _write(item: LibraryItem, kept: KeptItem, organisation: Organisation | None) -> None:
    item.fields = kept_json(kept)
    item.title = getattr(kept, kept.named_by)
    item.on_day = kept.day()
    item.organisation_id = _id(organisation)
    item.organisation = organisation
    texts = [value for value in item.fields.values() if isinstance(value, str)]
    item.words_key = fold(" ".join(texts))


def _id(organisation: Organisation | None) -> int | None:
    return organisation.id if organisation else None


def _must_not_be_binned(item: LibraryItem) -> None:
    if item.binned_at is not None:
        raise NotAllowed("This is in the bin: put it back first.")


def note(
    session: Session, item: LibraryItem, act: str, *, actor: Actor, now: datetime, **detail: Any
) -> None:
    """Write down what was done to an item, or with it."""
    audit.write(session, f"library {act}", SUBJECT, item.id, actor=actor, now=now, **detail)
