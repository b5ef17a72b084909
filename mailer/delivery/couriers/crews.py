"""Connections that carry together: what is begun is begun for all of them at once.

A relay that is near takes hundreds of messages a second on one connection, and each connection has
a range of its own. One that is far takes four, and a hundred connections are needed: with a range
for each they would keep the database busy with claims and ends, and the last of them would still
carry when all others are done. So as many connections share a range as begin some hundred
deliveries in a quarter of a second, and each takes the next of them when it has room for one.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog

from contacts.database import AWAY
from mailer.delivery.claims.claiming import Departure
from mailer.delivery.claims.fairness import Range
from mailer.delivery.claims.recording import Result
from mailer.delivery.couriers.journal import Books, Entry
from mailer.delivery.couriers.work import Load, Parcel
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.pool import LEAST, Place

log = structlog.get_logger(__name__)

_TOO_LONG: Final = 1.0  # seconds behind its moment: what was begun is not handed over any more
_SLICE: Final = 2.0  # seconds after which another campaign may have the connections
_AGAIN: Final = 1.0  # seconds until a database that was away is asked again
BRIEF: Final = 0.35  # seconds an envelope may be kept waiting with a content standing before it


class Crew:
    """The connections that carry the same loads to the relay at ``place``, one load after another.

    Each belongs to a thread. Whoever finds nothing begun any more begins for all, and they wait
    for that. The first is aboard from the beginning.
    """

    def __init__(self, books: Books, place: Place) -> None:
        self.place: Final = replace(place)  # that of a thread may move to another relay
        self.campaign_id = 0  # whose copies are carried, or were at last
        self.over = False  # nothing more is begun
        self.full_until: datetime | None = None  # a cap is reached
        self._books = books
        self._changed = threading.Condition(threading.Lock())
        self._aboard = 1
        self._wanted = place.crew  # connections, as it looked when something was begun last
        self._busy = True  # somebody is at the books: the first, to begin with
        self._load: Load | None = None
        self._behind: list[Load] = []  # used up, with some of it on its way
        self._begun: deque[Parcel] = deque()  # of the load, and not handed over yet
        self._begun_at = 0.0
        self._grant: Grant | None = None  # that they were begun by
        self._again_at = 0.0  # when there may be something to begin again
        self._slice_ends = 0.0

    @property
    def spread(self) -> bool:
        """Whether its copies are signed, which more than one core can do."""
        load = self._load
        return load is not None and load.composer.signed

    def wants(self, place: Place) -> bool:
        """Whether a connection at this place is of use here, and not elsewhere or on its own."""
        return not self.over and place.station is self.place.station and not self._crowded

    @property
    def _crowded(self) -> bool:
        return 2 * self._aboard > 3 * self._wanted

    def seconds_to_wait(self) -> float:
        """How long until the next message may go."""
        return max(0.0, self._again_at - time.monotonic())

    def start(self, campaign_id: int, own: Range | None) -> bool:
        """Take something in hand, first thing; whether there was anything."""
        self._at_the_books(lambda: self._take_in_hand(campaign_id, own))
        return self._load is not None

    def join(self) -> bool:
        """Come aboard, if that is of use."""
        with self._changed:
            while self._busy and self._load is None:
                self._changed.wait()
            load = self._load
            if self.over or load is None or self._aboard >= self._wanted:
                return False
            if len(load.left) + len(self._begun) + load.more < LEAST * self._aboard:
                return False
            self._aboard += 1
            return True

    def leave(self, not_before: datetime | None = None) -> None:
        """Go ashore. The last one ends all that is in hand: what is left is due now, or then.

        Any other leaves to anybody what is left. Those who stay may all be kept by the relay for
        minutes; where they are not, they take it again.
        """
        with self._changed:
            self._aboard -= 1
            last = not self._aboard
            self.over = self.over or last
            while self._busy:
                self._changed.wait()
            self._busy = True
            self._put_back()
            load = self._load
            if load and load.left:
                load.closed = True
                self._behind.append(load)
                self._load = None
            loads = self._in_hand
        if last:
            self._at_the_books(lambda: self._end_all(not_before), insist=True)
        else:
            self._at_the_books(lambda: self._settle(loads, not_before))

    def write_down(self) -> None:
        """Write down what is known, without waiting for what is begun next."""
        with self._changed:
            while self._busy:
                self._changed.wait()
            loads = self._in_hand
            self._busy = True
        self._at_the_books(lambda: self._settle(loads))

    def next(self) -> Parcel | None:
        """What to hand over next; None when there is nothing, or not for some time."""
        while True:
            with self._changed:
                while self._busy and not self._begun:
                    self._changed.wait()
                if self.over or self._crowded:
                    return None
                if self._begun:
                    now, at = time.monotonic(), self._begun[0].at
                    if at - now > BRIEF:
                        self._again_at = at
                        return None
                    if now - max(at, self._begun_at) <= _TOO_LONG:
                        return self._begun.popleft()
                    self._put_back()  # the relay is slow and a pause may be near
                    continue
                if self.seconds_to_wait():
                    return None
                self._busy = True
            self._at_the_books(self._begin)

    def note(self, parcel: Parcel, result: Result) -> None:
        """What became of it: written down with what is begun next."""
        with self._changed:
            del parcel.load.under_way[parcel.key]
            parcel.load.results.append(result)

    def call_off(self) -> None:
        """Begin nothing more."""
        self.over = True

    def _at_the_books(self, write: Callable[[], None], *, insist: bool = False) -> None:
        """Do this while all others wait for it."""
        try:
            write()
        except AWAY:
            if insist:
                raise
            # What is known is kept, and nothing was begun that anybody would hand over.
            log.warning("database away, nothing more is begun")
            self._again_at = time.monotonic() + _AGAIN
        except BaseException:
            self.over = True
            raise
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _begin(self) -> None:
        self._wanted = self.place.crew
        load = self._current()
        self._settle(self._behind)
        if load is None:
            return
        most = min(self.place.group(self._aboard), len(load.left))
        grant = self._books.permits(self.place, most)
        if grant.number:
            self._begin_some(load, grant)
            return
        self._again_at = time.monotonic() + self._books.seconds_until(grant.at)
        if grant.full:
            self.over, self.full_until = True, grant.at

    def _begin_some(self, load: Load, grant: Grant) -> None:
        ids, left = load.left[: grant.number], load.left[grant.number :]
        with self._changed:
            known, in_the_air = list(load.results), list(load.under_way)
        going: list[Departure] | None = None
        try:
            # Where the database breaks off it may be done all the same: once more changes nothing.
            going = self._books.turn_over(self._entry(load, known), ids, in_the_air)
        finally:
            if unused := grant.number - len(going or ()):
                self._books.give_back(self.place, grant, unused)
        with self._changed:
            del load.results[: len(known)]
            if going is None:
                load.closed = True
                return
            load.left = left
            self._grant = grant
            # A moment that has passed counts: the time that the books took is caught up.
            at = time.monotonic() + self._books.seconds_until(grant.at)
            apart = grant.apart.total_seconds()
            for number, departure in enumerate(going):
                parcel = Parcel(load, departure, at + number * apart)
                load.under_way[parcel.key] = departure
                self._begun.append(parcel)
            self._begun_at = time.monotonic()

    @property
    def _in_hand(self) -> list[Load]:
        return [*self._behind, self._load] if self._load else list(self._behind)

    def _put_back(self) -> None:
        """What was begun last, and not handed over, waits again and is in no doubt."""
        if not self._begun:
            return
        load, ids = self._begun[0].load, [parcel.key for parcel in self._begun]
        self._begun.clear()
        for each in ids:
            del load.under_way[each]
        load.left = [*ids, *load.left]
        assert self._grant is not None
        self._books.give_back(self.place, self._grant, len(ids))

    def _current(self) -> Load | None:
        """The load to begin from: another one when this is used up, or another campaign waits."""
        load = self._load
        if load and not load.used_up and time.monotonic() > self._slice_ends:
            load.closed = self._books.others_wait(load.claim)
            self._slice_ends = time.monotonic() + _SLICE
        while (load := self._load) is None or load.used_up:
            if load:
                with self._changed:
                    self._behind.append(load)
                    self._load = None
            self._take_in_hand(self.campaign_id)
            if self._load is None:
                self.over = True
                return None
        return load

    def _take_in_hand(self, campaign_id: int, own: Range | None = None) -> None:
        load = self._books.load(self.place, campaign_id, own)
        with self._changed:
            self._load = load
            self.campaign_id = load.claim.campaign_id if load else campaign_id
        self._slice_ends = time.monotonic() + _SLICE

    def _settle(self, loads: Sequence[Load], not_before: datetime | None = None) -> None:
        """Write down what is known of these, end what is over, and hand on what is closed."""
        for load in list(loads):
            with self._changed:
                known, all_known, left = list(load.results), load.all_known, load.left
            if all_known and load in self._behind:
                self._books.end(self._entry(load, known), not_before=not_before)
                with self._changed:
                    self._behind.remove(load)
                continue
            rest_from = left[0] if load.closed and left else None
            if not known and rest_from is None:
                continue
            self._books.write_down(
                self._entry(load, known), rest_from=rest_from, not_before=not_before
            )
            with self._changed:
                del load.results[: len(known)]
                load.left = () if load.closed else load.left

    def _entry(self, load: Load, known: Sequence[Result]) -> Entry:
        return Entry(self.place, load.claim, known)

    def _end_all(self, not_before: datetime | None) -> None:
        with ExitStack() as each_of_them:  # whatever comes of the others
            for load in self._in_hand:
                each_of_them.callback(
                    self._books.end,
                    self._entry(load, load.results),
                    all_known=load.all_known,
                    not_before=not_before,
                    insist=True,
                )
            self._behind, self._load = [], None


class Crews:
    """The crews of one process."""

    def __init__(self) -> None:
        self._crews: list[Crew] = []
        self._lock = threading.Lock()

    def board(self, books: Books, place: Place, campaign_id: int, own: Range | None) -> Crew | None:
        """A crew to carry with from this place; None when nothing waits.

        Whoever can't join one that is on its way makes a new one, which takes something in hand:
        ``own``, or what is rather wanted.
        """
        refused: list[Crew] = []
        while True:
            with self._lock:
                self._crews = [each for each in self._crews if not each.over]
                here = [each for each in self._crews if each.place.station is place.station]
                crew = next((each for each in here if each not in refused), None)
                if crew is None:
                    crew = Crew(books, place)
                    self._crews.append(crew)
                    break
            if crew.join():
                return crew
            refused.append(crew)
        try:
            found = crew.start(campaign_id, own)
        except BaseException:
            crew.leave()
            raise
        if found:
            return crew
        crew.leave()
        return None
