"""The library of the demo network: what its December issue has, and what is still to tell."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.models import Organisation
from mailer.authoring.blocks.sources import Source
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.kinds.catalogue import FIELDS, KINDS, kept_json, read_kept, unfinished
from mailer.demo.content import GOES_OUT, PICTURES
from mailer.demo.untold import UNTOLD
from mailer.models import ItemState, LibraryItem

_DEMO: Final = Actor(ActorKind.DEMO)
_NEW_MEMBERS: Final = ("Silverdean City Council", "Saltby Town Council", "Fenmouth Community Trust")
_PUBLIC: Final = ("case_study", "event", "post")
_DATES: Final = frozenset({"start", "end", "deadline", "published"})
# Which kind of item a block of the issue, or an entry of its list, is made of.
_BLOCKS: Final = {kind.block.type: kind for kind in KINDS.values()}


def fill(session: Session, document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Keep what the issue tells as items; its document, in which each block says so."""
    places = _places(session)
    blocks = [dict(block) for block in document["blocks"]]
    for block in blocks:
        kind = _BLOCKS.get(block["type"])
        if kind is None:
            continue
        if kind.listed_in:
            block[kind.listed_in] = [dict(entry) for entry in block[kind.listed_in]]
        for piece in block[kind.listed_in] if kind.listed_in else [block]:
            known = {each.name for each in FIELDS[kind.key]}
            said = {name: value for name, value in piece.items() if name in known}
            made = _make(session, kind.key, said, places, now)
            piece["source"] = str(Source(made.id, made.revision))
    return {**document, "blocks": blocks}


def fill_more(session: Session, pictures: Mapping[str, str], goes_out: date, now: datetime) -> None:
    """Keep what no issue has told so far. Its dates move with those of the issue."""
    places, later = _places(session), timedelta(weeks=round((goes_out - GOES_OUT).days / 7))
    for kind, said, state in UNTOLD:
        fields = dict(_with_pictures_and_dates(said, pictures, later))
        _make(session, kind, fields, places, now, state=state)


def welcome(session: Session, now: datetime) -> None:
    """Let two organisations be new members."""
    found = session.scalars(
        select(Organisation)
        .where(Organisation.name.in_(_NEW_MEMBERS))
        .order_by(Organisation.name_key)
    )
    for days, each in enumerate(found, start=2):
        each.member_since = (now - timedelta(days=days)).date()


def show_to_all(session: Session) -> None:
    """Let what is ready stand on the public pages, and members with their websites."""
    session.execute(
        update(LibraryItem)
        .where(LibraryItem.state == ItemState.READY, LibraryItem.kind.in_(_PUBLIC))
        .values(is_public=True)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Organisation)
        .where(Organisation.category_id.is_not(None))
        .values(website="https://www." + Organisation.slug + ".example/")
        .execution_options(synchronize_session=False)
    )


def _with_pictures_and_dates(
    said: Mapping[str, str], pictures: Mapping[str, str], later: timedelta
) -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        if name == "image" and value in PICTURES:
            yield name, pictures[value]
        elif name in _DATES:
            moment = datetime.fromisoformat(value) + later
            yield name, moment.strftime("%Y-%m-%dT%H:%M" if "T" in value else "%Y-%m-%d")
        else:
            yield name, value


def _make(
    session: Session,
    kind: str,
    fields: Mapping[str, Any],
    places: Mapping[str, int],
    now: datetime,
    *,
    state: ItemState = ItemState.READY,
) -> LibraryItem:
    kept = read_kept(kind, fields)
    whose = str(getattr(kept, kept.whose)) if kept.whose else ""
    written = WrittenItem(kept_json(kept), places.get(whose) or places.get(whose.split(" C")[0]))
    asked = ItemState.ASKED if state is ItemState.ASKED else ItemState.DRAFT
    item = items.make(session, kind, written, actor=_DEMO, now=now, state=asked)
    if state is ItemState.READY and not unfinished(kept):
        items.make_ready(session, item.id, actor=_DEMO, now=now)
    return item


def _places(session: Session) -> dict[str, int]:
    """Organisations by their names, and by those of their places: Aldmor, Carrdale, …"""
    rows = session.execute(select(Organisation.id, Organisation.name).order_by(Organisation.id))
    found: dict[str, int] = {}
    for number, name in rows:
        found[name] = number
        for body in (" City Council", " Borough Council", " District Council", " Council"):
            if name.endswith(body):
                found.setdefault(name.removesuffix(body), number)
                break
    return found
