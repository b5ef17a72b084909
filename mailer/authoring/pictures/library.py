"""The library of pictures: taken in, described, cropped, found, and where each is used."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import String, and_, cast, func, select, true
from sqlalchemy.orm import Session, joinedload

from contacts import audit
from contacts.actors import Actor
from contacts.names import fold
from mailer.authoring.pictures.shaping import Crop, ShapedPicture, shape
from mailer.authoring.pictures.store import PictureStore
from mailer.errors import NotAllowed, NotFound
from mailer.models import Campaign, LibraryPicture

_LONGEST: Final = 300  # characters of what a picture shows
_MOST_USES: Final = 50


def find(session: Session, picture_id: int) -> LibraryPicture:
    """One picture, or NotFound."""
    found = session.get(LibraryPicture, picture_id)
    if found is None:
        raise NotFound("There is no such picture.")
    return found


def add(
    session: Session,
    store: PictureStore,
    shaped: ShapedPicture,
    *,
    called: str,
    words: str,
    is_decoration: bool,
    actor: Actor,
    now: datetime,
) -> LibraryPicture:
    """Keep a picture under its content; one that is there already gets no second row.

    Words that were said of it before stay, unless there were none.
    """
    words = _checked(words, is_decoration)
    name = store.put(shaped.content, shaped.extension)
    there = session.scalar(select(LibraryPicture).where(LibraryPicture.name == name))
    if there is not None:
        if not there.words and not there.is_decoration:
            there.words, there.is_decoration = words, is_decoration
        return there
    picture = LibraryPicture(
        name=name,
        called=called[:200] or name,
        words=words,
        is_decoration=is_decoration,
        width=shaped.width,
        height=shaped.height,
        octets=len(shaped.content),
        added_by=str(actor),
        added_at=now,
    )
    session.add(picture)
    session.flush()
    audit.write(session, "picture added", "picture", picture.id, actor=actor, now=now)
    return picture


def describe(
    session: Session,
    picture: LibraryPicture,
    *,
    words: str,
    is_decoration: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Say what a picture shows, or that it is decoration."""
    picture.words, picture.is_decoration = _checked(words, is_decoration), is_decoration
    audit.write(session, "picture described", "picture", picture.id, actor=actor, now=now)


def crop(
    session: Session,
    store: PictureStore,
    picture: LibraryPicture,
    part: Crop,
    *,
    actor: Actor,
    now: datetime,
) -> LibraryPicture:
    """A part of a picture as a picture of its own; the whole stays as it is."""
    content = store.read(picture.name)
    if content is None:
        raise NotAllowed("The file of this picture is gone: upload it again.")
    return add(
        session,
        store,
        shape(content, part),
        called=picture.called,
        words=picture.words,
        is_decoration=picture.is_decoration,
        actor=actor,
        now=now,
    )


def search(
    session: Session, text: str, *, page: int, per_page: int
) -> tuple[Sequence[LibraryPicture], int]:
    """One page of the pictures whose words or file names have every word, the newest first."""
    said = func.lower(LibraryPicture.words + " " + LibraryPicture.called)
    words = [said.contains(word, autoescape=True) for word in fold(text).split()[:6]]
    wanted = and_(true(), *words)
    total = session.scalar(select(func.count()).select_from(LibraryPicture).where(wanted)) or 0
    found = session.scalars(
        select(LibraryPicture)
        .where(wanted)
        .order_by(LibraryPicture.id.desc())
        .offset((page - 1) * per_page)
        .limit(per_page)
    )
    return found.all(), total


def uses(session: Session, picture: LibraryPicture) -> Sequence[Campaign]:
    """The issues that show a picture, the newest first."""
    return session.scalars(
        select(Campaign)
        .where(cast(Campaign.document, String).contains(picture.name))
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.id.desc())
        .limit(_MOST_USES)
    ).all()


def _checked(words: str, is_decoration: bool) -> str:
    words = " ".join(words.split())
    if is_decoration:
        return ""
    if len(words) > _LONGEST:
        raise NotAllowed(f"Say what it shows in at most {_LONGEST} characters.")
    return words
