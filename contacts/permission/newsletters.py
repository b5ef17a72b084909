"""Newsletters: the publications that people subscribe to, added, changed and put in order."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts import audit, ordering
from contacts.actors import Actor
from contacts.addresses import parse, several
from contacts.errors import BadAddress, BadDetails, BadName, UnknownRecord
from contacts.models import Newsletter
from contacts.names import has_controls, slugify

LONGEST_NAME: Final = 200
LONGEST_TEXT: Final = 500
MOST_TESTERS: Final = 10
_LONGEST_GROUP: Final = 3_000  # ten addresses of the longest there are
TAKEN: Final = frozenset({"new"})  # what stands in addresses of pages where a slug does
_KIND: Final = "newsletter"


@dataclass(frozen=True, slots=True)
class NewsletterDetails:
    """A newsletter as written in a form. "" for ``reply_to`` is the sender's own address, "" for
    ``postal_address`` the network's. ``test_group`` are addresses, parted by commas or lines.
    ``archive_on`` shows its issues to everybody, ``archive_segments`` those for a segment too.
    ``self_approval`` lets who changed an issue last approve it."""

    name: str = ""
    description: str = ""
    frequency: str = ""
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    postal_address: str = ""
    test_group: str = ""
    archive_on: bool = False
    archive_segments: bool = False
    self_approval: bool = False

    @classmethod
    def of(cls, kept: Newsletter) -> "NewsletterDetails":
        """What is kept."""
        values: dict[str, Any] = {each.name: getattr(kept, each.name) for each in fields(cls)}
        return cls(**{name: value for name, value in values.items() if value is not None})


def listing(session: Session) -> Sequence[Newsletter]:
    """Every newsletter in the order in which people are offered them."""
    return session.scalars(select(Newsletter).order_by(Newsletter.position, Newsletter.id)).all()


def newsletter_of(session: Session, slug: str) -> Newsletter:
    """The newsletter with this slug; UnknownRecord names those there are."""
    found = session.scalar(select(Newsletter).where(Newsletter.slug == slug))
    if found is None:
        known = ", ".join(session.scalars(select(Newsletter.slug).order_by(Newsletter.slug)))
        raise UnknownRecord(f"There is no newsletter called {slug!r}. There is: {known or 'none'}.")
    return found


def problems(details: NewsletterDetails) -> list[tuple[str, str]]:
    """What is in the way of keeping ``details``: field and sentence."""
    found = []
    for field, words in (("name", "a name"), ("from_name", "the name it comes from")):
        if not getattr(details, field).strip():
            found.append((field, f"Write {words}."))
    for field in ("from_address", "reply_to"):
        if field == "from_address" or getattr(details, field).strip():
            try:
                parse(getattr(details, field))
            except BadAddress as error:
                found.append((field, str(error)))
    try:
        several(details.test_group, most=MOST_TESTERS)
    except BadAddress as error:
        found.append(("test_group", str(error)))
    for each in fields(details):
        words = getattr(details, each.name)
        if isinstance(words, bool):
            continue
        most = _LONGEST.get(each.name, LONGEST_TEXT)
        if len(words) > most:
            found.append((each.name, f"Shorten this: {most} characters are the most."))
        elif has_controls(words):
            found.append((each.name, "Write this again: it has control characters in it."))
    return found


def add(
    session: Session, details: NewsletterDetails, *, actor: Actor, now: datetime, slug: str = ""
) -> Newsletter:
    """A new publication at the end of the order; BadDetails when it can't be kept as written.

    ``slug`` is its part of addresses, made from the name where there is none.
    """
    slug = slug or slugify(details.name)
    found = problems(details) + _problems_of_slug(session, slug)
    if found:
        raise BadDetails(found)
    made = add_newsletter(
        session, slug=slug, now=now, **{each.name: getattr(details, each.name) for each in _FIELDS}
    )
    audit.write(session, "newsletter added", _KIND, made.id, actor=actor, now=now, name=made.name)
    return made


def change(
    session: Session, slug: str, details: NewsletterDetails, *, actor: Actor, now: datetime
) -> Newsletter:
    """Keep ``details``; its slug stays, for links in mail that has gone. BadDetails as for add."""
    if found := problems(details):
        raise BadDetails(found)
    newsletter = newsletter_of(session, slug)
    values = _values(details)
    changed = [name for name, value in values.items() if getattr(newsletter, name) != value]
    for name in changed:
        setattr(newsletter, name, values[name])
    if changed:
        audit.write(
            session,
            "newsletter changed",
            _KIND,
            newsletter.id,
            actor=actor,
            now=now,
            changed=sorted(changed),
        )
        session.flush()
    return newsletter


def move(session: Session, slug: str, *, up: bool, actor: Actor, now: datetime) -> Newsletter:
    """One place up or down among those that people are offered."""
    session.execute(select(Newsletter.id).order_by(Newsletter.id).with_for_update())
    newsletter, rows = newsletter_of(session, slug), listing(session)
    place = ordering.move(rows, newsletter, up=up)
    if place is not None:
        session.flush()
        audit.write(
            session, "newsletter moved", _KIND, newsletter.id, actor=actor, now=now, to=place
        )
    return newsletter


def add_newsletter(
    session: Session,
    *,
    slug: str,
    name: str,
    from_name: str,
    from_address: str,
    now: datetime,
    description: str = "",
    frequency: str = "",
    postal_address: str = "",
    reply_to: str | None = None,
    test_group: str = "",
    archive_on: bool = False,
    archive_segments: bool = False,
    self_approval: bool = False,
) -> Newsletter:
    """The row of a new publication; BadName when its slug cannot be used."""
    if wrong := _problems_of_slug(session, slug):
        raise BadName(wrong[0][1])
    details = NewsletterDetails(
        name=name or slug,
        description=description,
        frequency=frequency,
        from_name=from_name,
        from_address=from_address,
        reply_to=reply_to or "",
        postal_address=postal_address,
        test_group=test_group,
        archive_on=archive_on,
        archive_segments=archive_segments,
        self_approval=self_approval,
    )
    last = session.scalar(select(func.max(Newsletter.position)))
    made = Newsletter(
        slug=slug,
        position=0 if last is None else last + 1,
        created_at=now,
        **_values(details),
    )
    session.add(made)
    session.flush()
    return made


_FIELDS: Final = fields(NewsletterDetails)
_LONGEST: Final = {
    **dict.fromkeys(("name", "from_name", "frequency"), LONGEST_NAME),
    "test_group": _LONGEST_GROUP,
}


def _values(details: NewsletterDetails) -> dict[str, str | bool | None]:
    return {
        "name": " ".join(details.name.split()),
        "description": details.description.strip(),
        "frequency": " ".join(details.frequency.split()),
        "from_name": " ".join(details.from_name.split()),
        "from_address": parse(details.from_address).wire,
        "reply_to": parse(details.reply_to).wire if details.reply_to.strip() else None,
        "postal_address": details.postal_address.strip(),
        "test_group": ", ".join(
            each.wire for each in several(details.test_group, most=MOST_TESTERS)
        ),
        "archive_on": details.archive_on,
        "archive_segments": details.archive_segments,
        "self_approval": details.self_approval,
    }


def _problems_of_slug(session: Session, slug: str) -> list[tuple[str, str]]:
    if slug != slugify(slug) or not slug:
        return [("name", "A slug is lower-case letters, digits and hyphens, like members-update.")]
    if slug in TAKEN:
        return [("name", f"“{slug}” can’t be a part of addresses here: choose another name.")]
    if session.scalar(select(Newsletter.id).where(Newsletter.slug == slug)):
        return [("name", f"There is a newsletter called {slug} already.")]
    return []
