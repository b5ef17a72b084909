"""What comes by the form: a story that becomes a draft of the library, or a word that there is none
this time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import Actor, ActorKind
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.listing import uses_of
from mailer.authoring.pictures import library as pictures
from mailer.authoring.pictures.shaping import ShapedPicture
from mailer.authoring.pictures.store import PictureStore
from mailer.authoring.text.dates import date_words
from mailer.authoring.text.urls import wrong_with
from mailer.clock import wall_of
from mailer.errors import FormError, NotAllowed
from mailer.models import ItemOrigin, ItemState, LibraryItem, StoryAsk
from mailer.network.details import zone

LONGEST_HEADLINE: Final = 200
LONGEST_TEXT: Final = 20_000
LONGEST_NAMES: Final = 300
LONGEST_ALT: Final = 300
PICTURES: Final = 3


class AnswerStanding(StrEnum):
    """What becomes of another answer."""

    NONE = "none"  # there is no answer yet
    OWN_DRAFT = "own draft"  # it takes the place of the first
    TAKEN_UP = "taken up"  # officers have begun: it is kept beside the first
    USED = "used"  # an issue has it: there is nothing to change any more


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """A picture of an answer, and what it shows."""

    shaped: ShapedPicture
    called: str
    words: str


@dataclass(frozen=True, slots=True)
class StoryAnswer:
    """What somebody sent. ``publish`` is their word that we may."""

    headline: str
    text: str
    link: str
    may_be_named: str
    publish: bool
    photos: Sequence[SentPhoto] = ()


def problems(given: StoryAnswer) -> list[tuple[str, str]]:
    """What is in the way of taking it: field and sentence."""
    found = []
    if not given.headline.strip():
        found.append(("headline", "Give your story a name: a few words are enough."))
    if not given.text.strip():
        found.append(("text", "Tell what happened: a few sentences are enough."))
    if given.link and (wrong := wrong_with(given.link, ("https", "http"))):
        found.append(("link", wrong))
    for number, each in enumerate(given.photos, 1):
        if not each.words.strip():
            found.append(
                (f"alt{number}", "Say what the picture shows, for people who cannot see it.")
            )
    if not given.publish:
        found.append(("publish", "We need your word that it may be published."))
    return found


def standing(session: Session, asked: StoryAsk) -> AnswerStanding:
    """Where this person's answer stands."""
    item = asked.item
    if item is None:
        return AnswerStanding.NONE
    if uses_of(session, [item.id]).get(item.id):
        return AnswerStanding.USED
    is_theirs = item.state is ItemState.DRAFT and item.revision == asked.item_revision
    if is_theirs and item.binned_at is None:
        return AnswerStanding.OWN_DRAFT
    return AnswerStanding.TAKEN_UP


def answer(
    session: Session,
    asked: StoryAsk,
    given: StoryAnswer,
    store: PictureStore,
    *,
    now: datetime,
) -> LibraryItem:
    """Keep the story as a draft. A second one takes the place of the first while that is nobody
    else's work; then it is a draft beside it. NotAllowed once an issue has the first."""
    if wrong := problems(given):
        raise FormError(wrong)
    stands = standing(session, asked)
    if stands is AnswerStanding.USED:
        raise NotAllowed("Your story is in an issue already. Write to us to have it changed.")
    actor = Actor(ActorKind.STORY_FORM, asked.id)
    kept = [_keep(session, store, each, actor, now) for each in given.photos]
    earlier = [] if kept else list(asked.answer.get("pictures", []))
    shown = kept or earlier
    fields = _fields(session, asked, given, shown, now)
    written = WrittenItem(fields, asked.organisation_id)
    item = asked.item if stands is AnswerStanding.OWN_DRAFT else None
    if item is None:
        item = items.make(session, "story", written, actor=actor, now=now, origin=ItemOrigin.FORM)
    else:
        item = items.edit(session, item.id, written, expected=item.revision, actor=actor, now=now)
    asked.item, asked.item_id, asked.item_revision = item, item.id, item.revision
    asked.answered_at, asked.declined_at = now, None
    asked.answer = {
        "may_be_named": given.may_be_named,
        "publish": given.publish,
        "pictures": shown,
    }
    return item


def decline(session: Session, asked: StoryAsk, *, now: datetime) -> None:
    """Nothing this time. What was sent before stays."""
    if asked.answered_at is None and asked.declined_at is None:
        asked.declined_at = now
        session.flush()


def waiting(session: Session, *, most: int) -> Sequence[StoryAsk]:
    """Answers at which nobody has looked: drafts as they came, the oldest first."""
    return session.scalars(
        select(StoryAsk)
        .join(LibraryItem, LibraryItem.id == StoryAsk.item_id)
        .where(
            LibraryItem.state == ItemState.DRAFT,
            LibraryItem.binned_at.is_(None),
            LibraryItem.revision == StoryAsk.item_revision,
        )
        .options(
            joinedload(StoryAsk.item),
            joinedload(StoryAsk.contact),
            joinedload(StoryAsk.organisation),
        )
        .order_by(StoryAsk.answered_at, StoryAsk.id)
        .limit(most)
    ).all()


def _fields(
    session: Session,
    asked: StoryAsk,
    given: StoryAnswer,
    shown: Sequence[dict[str, str]],
    now: datetime,
) -> dict[str, Any]:
    today = wall_of(now, zone(session)).date()
    who = asked.contact.name or asked.contact.email or "somebody"
    rights = f"Sent by {who} on {date_words(today)}, to be published."
    if given.may_be_named:
        rights += f" May be named: {given.may_be_named}."
    if len(shown) > 1:
        rights += f" {len(shown)} pictures came: the others are in Pictures."
    fields = {
        "headline": given.headline,
        "text": given.text,
        "link": given.link,
        "image": shown[0]["image"] if shown else "",
        "image_alt": shown[0]["words"] if shown else "",
        "rights": rights,
    }
    return {name: value for name, value in fields.items() if value}


def _keep(
    session: Session, store: PictureStore, photo: SentPhoto, actor: Actor, now: datetime
) -> dict[str, str]:
    picture = pictures.add(
        session,
        store,
        photo.shaped,
        called=photo.called,
        words=photo.words,
        is_decoration=False,
        actor=actor,
        now=now,
    )
    return {"image": f"/pictures/{picture.name}", "words": photo.words}
