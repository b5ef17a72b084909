"""Pre-election periods: the days in which an issue's quotes and photos are worth a second look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.names import has_controls
from mailer.errors import FormError, NotFound
from mailer.models import ElectionPeriod

LONGEST_WORDS: Final = 120
_LONGEST: Final = 366  # days; a longer one is a year that was mistyped
_KIND: Final = "election_period"


@dataclass(frozen=True, slots=True)
class PeriodDetails:
    """A period as typed: its days as ``2027-03-18``, and where it is."""

    first_day: str = ""
    last_day: str = ""
    words: str = ""


def listing(session: Session) -> Sequence[ElectionPeriod]:
    """All of them, the earliest first."""
    return session.scalars(
        select(ElectionPeriod).order_by(ElectionPeriod.first_day, ElectionPeriod.id)
    ).all()


def problems(details: PeriodDetails) -> list[tuple[str, str]]:
    """What is in the way of keeping ``details``: field and sentence."""
    found = []
    first, last = _day(details.first_day), _day(details.last_day)
    for name, day in (("first_day", first), ("last_day", last)):
        if day is None:
            found.append((name, "Write a day as year, month and day: 2027-03-18."))
    if first and last and last < first:
        found.append(("last_day", "Choose a last day that is not before the first."))
    elif first and last and (last - first).days >= _LONGEST:
        found.append(("last_day", "Check the year: a period is at most a year long."))
    words = details.words.strip()
    if not words or len(words) > LONGEST_WORDS:
        sentence = f"Say where, in at most {LONGEST_WORDS} characters: “6 member areas”."
        found.append(("words", sentence))
    elif has_controls(words):
        found.append(("words", "Write this again: it has control characters in it."))
    return found


def add(session: Session, details: PeriodDetails, *, actor: Actor, now: datetime) -> ElectionPeriod:
    """Keep another period; FormError when it can't be kept as written."""
    first, last = _day(details.first_day), _day(details.last_day)
    if (wrong := problems(details)) or first is None or last is None:
        raise FormError(wrong)
    words = " ".join(details.words.split())
    period = ElectionPeriod(first_day=first, last_day=last, words=words, created_at=now)
    session.add(period)
    session.flush()
    _note(session, "election period added", period, actor=actor, now=now)
    return period


def remove(session: Session, period_id: int, *, actor: Actor, now: datetime) -> ElectionPeriod:
    """Take one away; what it said. NotFound where there is none of this number."""
    period = session.get(ElectionPeriod, period_id)
    if period is None:
        raise NotFound("There is no such period: somebody may have removed it.")
    _note(session, "election period removed", period, actor=actor, now=now)
    session.delete(period)
    session.flush()
    return period


def _note(
    session: Session, act: str, period: ElectionPeriod, *, actor: Actor, now: datetime
) -> None:
    detail = {
        "first_day": period.first_day.isoformat(),
        "last_day": period.last_day.isoformat(),
        "words": period.words,
    }
    audit.write(session, act, _KIND, period.id, actor=actor, now=now, **detail)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
