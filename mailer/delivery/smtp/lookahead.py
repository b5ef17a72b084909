"""What stands between the envelopes somebody hands in and the exchange that carries them.

It looks one ahead, keeps what must not be offered off the wire, and lets no fault of whoever hands
them in take outcomes away with it.
"""

from collections.abc import Iterable

from mailer.delivery.smtp.envelopes import Envelope, Fate, Outcome, objection
from mailer.delivery.smtp.replies import Capabilities, Phase


class Supply:
    """Hands envelopes out one at a time and keeps what is known but not yet told.

    An envelope that must not be offered becomes an outcome here, and the next one is taken.
    """

    def __init__(self, envelopes: Iterable[Envelope], offered: Capabilities) -> None:
        self._envelopes = iter(envelopes)
        self._offered = offered
        self._known: list[Outcome] = []
        self._returned: list[Envelope] = []
        self._fault: Exception | None = None
        self._exhausted = False

    def next(self) -> Envelope | None:
        """The next envelope that may be offered; None at the end, and for good."""
        if self._returned:
            return self._returned.pop()
        if self._exhausted:
            return None
        try:
            for envelope in self._envelopes:
                against = objection(envelope, self._offered)
                if against is None:
                    return envelope
                self._known.append(
                    Outcome(envelope.key, Fate.REFUSED, Phase.MAIL, sentence=str(against))
                )
        except Exception as fault:  # Told in finish(), after the outcomes.
            self._fault = fault
        self._exhausted = True
        return None

    def give_back(self, envelope: Envelope | None) -> None:
        """Hand out once more, before any other, what was taken and came to nothing."""
        if envelope:
            self._returned.append(envelope)

    def tell(self, outcome: Outcome | None) -> None:
        """Keep an outcome until the next write has left."""
        if outcome:
            self._known.append(outcome)

    def told(self) -> list[Outcome]:
        """What has become known since it was last asked."""
        known, self._known = self._known, []
        return known

    def finish(self) -> None:
        """Raise what the iterable raised."""
        if self._fault:
            raise self._fault
