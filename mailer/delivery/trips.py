"""One range on one connection: what to send next and when, and what became of what was sent."""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

from contacts.database import AWAY
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.delivery.consequences import Consequence
from mailer.delivery.envelopes import Envelope, Outcome
from mailer.delivery.ledger import Claim, Departure
from mailer.delivery.pacing import Grant
from mailer.delivery.recording import Result
from mailer.delivery.relays import Place
from mailer.delivery.smtp import Connection
from mailer.errors import Refused
from mailer.models import DeliveryStatus

_TOO_LONG: Final = 1.0  # seconds after which nothing more of a group is offered
_SLICE: Final = 2.0  # seconds after which another campaign may have the connection
_BRIEF: Final = 0.35  # seconds an envelope may be kept waiting with a content standing before it


class Books(Protocol):
    """What a trip needs of its courier."""

    def turn_over(
        self, trip: "Trip", ids: Sequence[int], in_the_air: Iterable[int]
    ) -> list[Departure] | None: ...

    def permits(self, place: Place, most: int) -> Grant: ...

    def give_back(self, place: Place, grant: Grant, number: int) -> None: ...

    def seconds_until(self, moment: datetime) -> float: ...

    def came_of(self, trip: "Trip", outcome: Outcome, departure: Departure) -> Consequence: ...

    def others_wait(self, claim: Claim) -> bool: ...


class Trip:
    """A range on its way; ``place`` is where its connection stands."""

    def __init__(self, books: Books, claim: Claim, place: Place, *, now: datetime) -> None:
        self.claim = claim
        self.place = place
        self.results: list[Result] = []  # known and not yet written down
        self.trouble: str | None = None  # what the relay has against the campaign
        self.carried = 0  # messages the relay gave an answer to
        self.full = False  # a cap is reached, until ``at``
        self.at = now  # when the next message may go
        self._books = books
        self._left: Sequence[int] = claim.ids
        self._granted = Grant(0, now)
        self._over = False
        self._last_words = "connection lost"
        self._under_way: dict[int, Departure] = {}
        self._timed, self._timed_at = 0, 0.0  # one of each group is timed
        self._slice_ends = time.monotonic() + _SLICE

    @property
    def all_known(self) -> bool:
        """Whether everything that was begun has its outcome."""
        return not self._under_way

    def wants(self, connection: Connection) -> bool:
        """Whether there is more to send on this connection."""
        return bool(self._left and connection.usable and self.trouble is None and not self._over)

    def seconds_to_wait(self) -> float:
        """How long until the next message may go."""
        return self._books.seconds_until(self.at)

    def envelopes(self, composer: Composer, connection: Connection) -> Iterator[Envelope]:
        """Envelopes in groups, each begun in the books before the first of it is handed out.

        A group is what the connection carries in about a quarter of a second, as measured on the
        wire with the last one, and what the relay's speed allows. Where that asks for a wait, the
        envelopes end, so that what was handed out can leave.
        """
        while self.wants(connection) and (size := self._size()):
            group, self._left = self._left[:size], self._left[size:]
            try:
                going = self._books.turn_over(self, group, self._under_way)
            except AWAY:
                # Nothing more is begun; what is known is kept until the database is back.
                self._over = True
                return
            self.results = []
            if going is None:
                self._over = True
                return
            if len(going) < size:
                self._give_back(size - len(going))
            self._under_way.update((each.recipient.delivery_id, each) for each in going)
            self._timed = going[0].recipient.delivery_id if going else 0
            yield from self._handed_out(going, composer)

    def broken_off(self, connection: Connection) -> str | None:
        """What was last said, where the connection ended with the range still to be carried."""
        if connection.usable or not (self._left or self.results):
            return None
        return self._last_words

    def _handed_out(self, going: Sequence[Departure], composer: Composer) -> Iterator[Envelope]:
        began, given = time.monotonic(), 0
        try:
            for number, (recipient, _) in enumerate(going):
                if number and time.monotonic() - began > _TOO_LONG:
                    return
                if number:
                    self._keep_apart(number)
                envelope = self._envelope(composer, recipient)
                given = number + 1
                if envelope is not None:
                    if envelope.key == self._timed:
                        self._timed_at = time.monotonic()
                    yield envelope
        finally:
            # The relay is slow and a pause may be near, or nobody asks for more: what was begun
            # and not handed out waits again, and is in no doubt.
            self._take_back(going[given:])

    def note(self, outcome: Outcome) -> None:
        """Turn an outcome into a result; it is written with the next group."""
        departure = self._under_way.pop(outcome.key)
        if outcome.key == self._timed:
            self.place.timed(time.monotonic() - self._timed_at)
        consequence = self._books.came_of(self, outcome, departure)
        self.results.append(consequence.result)
        if outcome.answered:
            self.carried += 1
        else:
            self._last_words = outcome.told
        if consequence.pauses:
            self.trouble = f"The relay does not accept this issue's sender. It said: {outcome.told}"

    def end(self) -> None:
        """Nothing more of it is sent: permits that were not used are for others."""
        if self._granted.number:
            self._give_back(self._granted.number)
            self._granted = self._granted._replace(number=0)

    def _size(self) -> int:
        """How many may be begun now; 0 when it is not the time."""
        if time.monotonic() > self._slice_ends:
            self._over = self._books.others_wait(self.claim)
            self._slice_ends = time.monotonic() + _SLICE
            if self._over:
                return 0
        if not self._granted.number:
            grant = self._books.permits(self.place, min(self.place.group, len(self._left)))
            self._granted, self.at, self.full = grant, grant.at, grant.full
            self._over = grant.full
        if (wait := self.seconds_to_wait()) > _BRIEF:
            return 0
        time.sleep(wait)
        size = self._granted.number
        self._granted = self._granted._replace(number=0)
        return size

    def _keep_apart(self, number: int) -> None:
        """Wait until it is time for the next of a group, where that is soon."""
        apart = self._granted.apart
        if apart:
            wait = self._books.seconds_until(self._granted.at + number * apart)
            time.sleep(min(wait, _BRIEF))

    def _take_back(self, departures: Sequence[Departure]) -> None:
        if not departures:
            return
        ids = [each.recipient.delivery_id for each in departures]
        for each in ids:
            del self._under_way[each]
        self._left = [*ids, *self._left]
        self._give_back(len(ids))

    def _give_back(self, number: int) -> None:
        self._books.give_back(self.place, self._granted, number)

    def _envelope(self, composer: Composer, recipient: Recipient) -> Envelope | None:
        try:
            message = composer.compose(recipient)
        except Refused as error:  # no copy can be made for such an address
            self._under_way.pop(recipient.delivery_id)
            refused = DeliveryStatus.REFUSED
            self.results.append(
                Result(recipient.delivery_id, refused, reason="syntaxerror", text=str(error))
            )
            return None
        return Envelope(
            key=message.delivery_id,
            return_path=self._returning(message.return_path),
            recipient=message.recipient,
            content=message.content,
            wire_ready=True,
        )

    def _returning(self, path: str) -> str:
        domain = self.place.station.return_domain if self.place.station else ""
        return f"{path.partition('@')[0]}@{domain}" if domain else path
