"""The network's calendar: whose bank holidays it keeps, and which days off are its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.names import has_controls
from mailer.clock import wall_of
from mailer.errors import FormError, NotFound
from mailer.models import EDITABLE, Campaign, DaysOff, Installation
from mailer.network import details
from mailer.network.bank_holidays import Nation, bank_holidays
from mailer.network.working_days import OwnDays, WorkingDays

LONGEST_WORDS: Final = 120
_KIND: Final = "days_off"
_MOST_IN_A_ROW: Final = 60  # days without a working day among them
_YEARS: Final = range(1900, 2200)


@dataclass(frozen=True, slots=True)
class DaysOffDetails:
    """Days as typed: ``2026-12-24``; the last is the first where it is left out."""

    first_day: str = ""
    last_day: str = ""
    words: str = ""
    yearly: bool = False


def calendar(session: Session) -> WorkingDays:
    """The working days of the network, to reckon with."""
    own = [
        OwnDays(each.first_day, each.last_day, each.words, each.yearly, each.works)
        for each in listing(session)
    ]
    return WorkingDays(nation(session), tuple(own))


def nation(session: Session) -> Nation:
    """Whose bank holidays the network keeps."""
    kept = details.find(session)
    return Nation(kept.nation) if kept else Nation.ENGLAND_AND_WALES


def set_nation(session: Session, nation: str, *, actor: Actor, now: datetime) -> Installation:
    """Keep the bank holidays of another nation."""
    if nation not in list(Nation):
        raise FormError([("nation", f"Choose one of these: {', '.join(Nation)}.")])
    _plan_again(session)
    return details.keep(session, {"nation": nation}, actor=actor, now=now)


def listing(session: Session) -> Sequence[DaysOff]:
    """The days of the network's own, the earliest first."""
    return session.scalars(select(DaysOff).order_by(DaysOff.first_day, DaysOff.id)).all()


def problems(session: Session, written: DaysOffDetails) -> list[tuple[str, str]]:
    """What is in the way of keeping days off: field and sentence."""
    found = []
    first, last = _day(written.first_day), _day(written.last_day or written.first_day)
    for name, day in (("first_day", first), ("last_day", last)):
        if day is None and (name == "first_day" or written.last_day):
            found.append((name, "Write a day as year, month and day: 2026-12-24."))
    if first and last and last < first:
        found.append(("last_day", "Choose a last day that is not before the first."))
    elif first and last and (last - first).days >= _MOST_IN_A_ROW:
        found.append(("last_day", f"Choose fewer than {_MOST_IN_A_ROW} days."))
    elif first and last and not _leaves_work(session, first, last, yearly=written.yearly):
        sentence = f"With these there would be no working day in {_MOST_IN_A_ROW}: choose fewer."
        found.append(("last_day", sentence))
    words = written.words.strip()
    if not words or len(words) > LONGEST_WORDS:
        found.append(("words", f"Say what they are, in at most {LONGEST_WORDS} characters."))
    elif has_controls(words):
        found.append(("words", "Write this again: it has control characters in it."))
    return found


def add(session: Session, written: DaysOffDetails, *, actor: Actor, now: datetime) -> DaysOff:
    """Keep more days off; FormError when they can't be kept as written."""
    first, last = _day(written.first_day), _day(written.last_day or written.first_day)
    if (wrong := problems(session, written)) or first is None or last is None:
        raise FormError(wrong)
    return _keep(
        session,
        DaysOff(
            first_day=first,
            last_day=last,
            words=" ".join(written.words.split()),
            yearly=written.yearly,
            works=False,
            created_at=now,
        ),
        actor=actor,
        now=now,
    )


def work_on(session: Session, day: date, *, actor: Actor, now: datetime) -> DaysOff:
    """Make a bank holiday a working day; NotFound when it is none."""
    words = bank_holidays(nation(session), day.year).get(day)
    if words is None:
        raise NotFound(f"{day} is no bank holiday in {nation(session).words}.")
    for each in listing(session):
        if each.works and each.first_day == day:
            return each
    worked = DaysOff(
        first_day=day, last_day=day, words=words, yearly=False, works=True, created_at=now
    )
    return _keep(session, worked, actor=actor, now=now)


def remove(session: Session, days_id: int, *, actor: Actor, now: datetime) -> DaysOff:
    """Take days of the network's own away; NotFound where there are none of this number."""
    days = session.get(DaysOff, days_id)
    if days is None:
        raise NotFound("There are no such days: somebody may have removed them.")
    _note(session, "days off removed", days, actor=actor, now=now)
    session.delete(days)
    session.flush()
    return days


def holidays(session: Session, year: int) -> list[tuple[date, str, bool]]:
    """The bank holidays of a year: day, name, and whether the network works on it."""
    calendar_ = calendar(session)
    return [
        (day, words, any(each.works and each.has(day) for each in calendar_.own))
        for day, words in bank_holidays(calendar_.nation, year).items()
    ]


def this_year(session: Session, now: datetime) -> int:
    """The year by the network's clocks."""
    return wall_of(now, details.zone(session)).year


def _keep(session: Session, days: DaysOff, *, actor: Actor, now: datetime) -> DaysOff:
    session.add(days)
    session.flush()
    act = "bank holiday worked" if days.works else "days off added"
    _note(session, act, days, actor=actor, now=now)
    return days


def _note(session: Session, act: str, days: DaysOff, *, actor: Actor, now: datetime) -> None:
    detail = {
        "first_day": days.first_day.isoformat(),
        "last_day": days.last_day.isoformat(),
        "words": days.words,
        "yearly": days.yearly,
    }
    audit.write(session, act, _KIND, days.id, actor=actor, now=now, **detail)
    _plan_again(session)


def _plan_again(session: Session) -> None:
    """Let the timelines of issues to come go by the new days."""
    to_come = update(Campaign).where(Campaign.status.in_(EDITABLE))
    session.execute(to_come.values(replan=True))


def _leaves_work(session: Session, first: date, last: date, *, yearly: bool) -> bool:
    """Whether working days stay within reach of these, with all other days off there are."""
    kept = calendar(session)
    tried = WorkingDays(kept.nation, (*kept.own, OwnDays(first, last, "", yearly)))
    end = tried.next_working_day(last)
    return (end - tried.previous_working_day(first)).days <= _MOST_IN_A_ROW


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return day if day.year in _YEARS else None
