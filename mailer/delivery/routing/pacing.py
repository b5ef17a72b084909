"""The pace of a relay: its row says up to which moment permits to send have been taken.

All workers take their permits from that row, a quarter of a second's worth at a time. So together
they keep the speed that is set, also after a restart. Unused permits expire, because providers
count by the second.
"""

import math
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.models import Relay, RelayUse

SPAN: Final = 0.25  # seconds' worth of messages taken at once
_SLACK: Final = timedelta(seconds=SPAN)  # of permits that may be used late
_HORIZON: Final = timedelta(seconds=0.3)  # permits are not taken further ahead than this
_LATE: Final = timedelta(seconds=0.1)  # permits taken later than this mean that the speed is missed
_STALE: Final = timedelta(seconds=1)
_FARTHEST: Final = timedelta(minutes=10)  # a moment further ahead comes from a wrong clock
_SKEW: Final = timedelta(minutes=1)  # by which the clocks of two hosts may differ
_LONGEST_REST: Final = _SKEW + timedelta(minutes=1)  # that a relay is left alone for, at most
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LEAST_SPEED: Final = 0.05  # messages a second
_SLOWED_BY: Final = 0.7
_ONE_EVENT: Final = timedelta(seconds=5)  # throttling replies within it count as one


class Grant(NamedTuple):
    """Permits to send ``number`` messages from ``at`` on, ``apart`` from each other.

    With ``number`` 0, ask again at ``at``; ``full`` says that a cap is reached until then.
    ``behind`` says that the set speed is missed. ``minute`` is the minute of the cap's count.
    """

    number: int
    at: datetime
    apart: timedelta = timedelta(0)
    full: bool = False
    behind: bool | None = None  # None: not looked at
    minute: int | None = None


def reserve(session: Session, relay_id: int, *, most: int, now: datetime) -> Grant:
    """Take permits from the relay's row: up to ``most``, or a quarter of a second's worth."""
    relay = session.scalar(
        select(Relay)
        .where(Relay.id == relay_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if relay is None:
        return Grant(0, now + _STALE, full=True)
    speed = relay.speed(now)
    number = most if speed is None else max(1, int(speed * SPAN))
    apart = timedelta(seconds=0 if speed is None else 1 / max(speed, _LEAST_SPEED))
    free_at = relay.free_at or now
    if free_at > now + max(_FARTHEST, 2 * apart):
        free_at = now
    if speed is not None and free_at > now + _HORIZON:
        return Grant(0, free_at - _HORIZON)
    minute = None
    if relay.capped:
        left, again_at = _left_of_the_caps(session, relay, now)
        if not left:
            return Grant(0, again_at, full=True)
        number, minute = min(number, left), _minute(now)
        count(session, relay_id, number, now=now)
    if speed is None:
        return Grant(number, now, minute=minute)
    behind = free_at < now - _LATE
    at = now if free_at < now - _STALE else max(free_at, now - _SLACK)
    relay.free_at = at + number * apart
    return Grant(number, at, apart, behind=behind, minute=minute)


def count(session: Session, relay_id: int, number: int, *, now: datetime) -> None:
    """Count messages against the caps of the hour and the day."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    made = kind.insert(RelayUse).values(relay_id=relay_id, minute=_minute(now), number=number)
    session.execute(
        made.on_conflict_do_update(
            index_elements=["relay_id", "minute"],
            set_={"number": RelayUse.number + made.excluded.number},
        )
    )


def uncount(session: Session, relay_id: int, number: int, minute: int) -> None:
    """Subtract messages that were counted in that minute and not sent."""
    session.execute(
        update(RelayUse)
        .where(RelayUse.relay_id == relay_id, RelayUse.minute == minute)
        .values(number=RelayUse.number - number)
    )


def charge(session: Session, relay_id: int, number: int, *, now: datetime) -> None:
    """Count messages that were sent without a permit; later permits are delayed by them."""
    relay = session.get(Relay, relay_id, with_for_update=True)
    if relay is None:
        return
    if speed := relay.speed(now):
        began = max(relay.free_at or now, now - _SLACK)
        debt = began + timedelta(seconds=number / max(speed, _LEAST_SPEED))
        relay.free_at = min(debt, now + _FARTHEST)
    if relay.capped:
        count(session, relay_id, number, now=now)


def slow_down(session: Session, relay_id: int, *, going: float, now: datetime) -> float | None:
    """Lower the relay's speed, because it asked for less; the new speed, if this changed it.

    ``going`` is how many messages a second this worker was sending to it.
    """
    relay = session.get(Relay, relay_id, with_for_update=True)
    if relay is None:
        return None
    if relay.slowed_at is not None and now - relay.slowed_at < _ONE_EVENT:
        return None
    set_speed = relay.speed(now)
    speed = max(going, 1.0) if set_speed is None else set_speed
    relay.slowed_to = max(_LEAST_SPEED, speed * _SLOWED_BY)
    relay.slowed_at = now
    return relay.slowed_to


def uses_ahead(session: Session, *, now: datetime) -> bool:
    """Whether something of a relay lies in the future: a clock was ahead when it was written."""
    uses = select(RelayUse.relay_id).where(RelayUse.minute > _minute(now + _SKEW))
    slowed = select(Relay.id).where(Relay.slowed_at > now + _SKEW)
    rests = select(Relay.id).where(Relay.try_again_at > now + _LONGEST_REST)
    return any(session.execute(each.limit(1)).first() for each in (uses, slowed, rests))


def pull_back(session: Session, *, stepped: bool = False, now: datetime) -> None:
    """Let all of that have been now: what was sent counts, and a rest is over.

    ``stepped`` says that the clock has just been set back: then the pace counts anew as well.
    """
    for relay in session.scalars(select(Relay).order_by(Relay.id).with_for_update()):
        ahead = RelayUse.relay_id == relay.id, RelayUse.minute > _minute(now + _SKEW)
        sent = session.scalar(select(func.sum(RelayUse.number)).where(*ahead))
        if sent is not None:
            session.execute(delete(RelayUse).where(*ahead))
            count(session, relay.id, sent, now=now)
        if stepped:
            relay.free_at = None
        if relay.slowed_at is not None and relay.slowed_at > now + _SKEW:
            relay.slowed_at = now
        if relay.try_again_at is not None and relay.try_again_at > now + _LONGEST_REST:
            relay.try_again_at = now


def forget_old_uses(session: Session, *, now: datetime) -> None:
    """Remove counts of minutes that no cap includes any more."""
    session.execute(delete(RelayUse).where(RelayUse.minute < _minute(now - _DAY) - 1))


def _left_of_the_caps(session: Session, relay: Relay, now: datetime) -> tuple[int, datetime]:
    """How many messages the caps leave, and when there will be more if they leave none."""
    left, again_at = math.inf, now
    for cap, span in ((relay.per_hour, _HOUR), (relay.per_day, _DAY)):
        if cap is None:
            continue
        # The minute that is a whole span ago may still lie within it with its last messages.
        within = RelayUse.relay_id == relay.id, RelayUse.minute >= _minute(now - span)
        used, first = session.execute(
            select(func.coalesce(func.sum(RelayUse.number), 0), func.min(RelayUse.minute)).where(
                *within
            )
        ).one()
        if used >= cap and first is not None:
            frees_at = datetime.fromtimestamp((first + 1) * 60, now.tzinfo) + span
            again_at = max(again_at, frees_at)
        left = min(left, max(0, cap - used))
    return int(left), again_at


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


class RelayLimits(NamedTuple):
    """The limits set for a relay: messages a second, an hour, a day."""

    per_second: float | None = None
    per_hour: int | None = None
    per_day: int | None = None


class RelayPace:
    """The pace of one relay within one process: shares permits among its threads."""

    def __init__(self, database: Database, relay_id: int, *, clock: Callable[[], datetime]) -> None:
        self._free = True
        self._limits = RelayLimits()
        self._database = database
        self._relay_id = relay_id
        self._clock = clock
        self._lock = threading.Lock()
        self._taken = Grant(0, clock())
        self._refused, self._ask_again_at = self._taken, clock()
        self._unused: list[Grant] = []  # counted against a cap, and to be subtracted

    def adapt(self, limits: RelayLimits, *, free: bool) -> None:
        """Follow the limits that are set; ``free`` says that no limit applies at this moment.

        Permits that were taken under other limits are dropped.
        """
        self._free = free
        if limits != self._limits:  # unchanged limits need no lock
            with self._lock:
                self._limits = limits
                self._drop_taken()
                self._ask_again_at = self._clock()

    def take(self, most: int) -> Grant:
        """Permits for up to ``most`` messages; when there are none, ask again at its moment."""
        now = self._clock()
        if self._free:
            return Grant(most, now)
        with self._lock:
            if self._taken.number and self._taken.apart and self._is_off(self._taken, now):
                self._drop_taken()
            if not self._taken.number:
                # A hundred threads need not ask the database. It is never far ahead, unless the
                # clock was set back.
                if now < self._ask_again_at <= now + _STALE:
                    return self._refused
                with self._database.writing() as session:
                    self._take_back(session)
                    taken = reserve(session, self._relay_id, most=most, now=now)
                self._unused.clear()
                if not taken.number:
                    self._ask_again_at = min(taken.at, now + _STALE)
                    # A cap stays until it ends; a speed may be changed soon.
                    self._refused = taken if taken.full else taken._replace(at=self._ask_again_at)
                    return self._refused
                self._taken = taken
            taken = self._taken
            number = min(most, taken.number)
            self._taken = taken._replace(
                number=taken.number - number, at=taken.at + number * taken.apart, behind=None
            )
            return taken._replace(number=number)

    def give_back(self, grant: Grant, number: int) -> None:
        """Return ``number`` permits of this grant that were not used."""
        if self._free:
            return
        with self._lock:
            taken = self._taken
            if not taken.number:
                taken = taken._replace(minute=grant.minute)
            if not grant.apart or grant.minute != taken.minute:
                if grant.minute is not None:
                    self._unused.append(grant._replace(number=number))
                return
            self._taken = taken._replace(
                number=taken.number + number, at=taken.at - number * taken.apart
            )

    def charge(self, number: int) -> None:
        """Count messages that were sent without a permit; later permits are delayed by them."""
        if not self._free:
            with self._database.writing() as session:
                charge(session, self._relay_id, number, now=self._clock())

    @staticmethod
    def _is_off(grant: Grant, now: datetime) -> bool:
        """Whether its moment has passed for long, or is further ahead than permits are taken."""
        farthest = now + _STALE + grant.number * grant.apart
        return grant.at < now - _STALE or grant.at > farthest

    def _drop_taken(self) -> None:
        if self._taken.number and self._taken.minute is not None:
            self._unused.append(self._taken)
        self._taken = self._taken._replace(number=0)

    def _take_back(self, session: Session) -> None:
        for grant in self._unused:
            assert grant.minute is not None
            uncount(session, self._relay_id, grant.number, grant.minute)
