"""The envelopes that an exchange will send next, and the outcomes it has not yielded yet.

An envelope that must not be written on the wire is refused here. An exception from the caller's
iterable is raised only after the outcomes that are known.
"""

from collections.abc import Iterable

from mailer.delivery.smtp.envelopes import Envelope, Fate, Outcome, objection
from mailer.delivery.smtp.replies import Capabilities, Phase


class Lookahead:
    """Takes envelopes from an iterable one at a time, and keeps outcomes until they are yielded.

    An envelope that must not be offered becomes an outcome here, and the next one is taken.
    """

    def __init__(self, envelopes: Iterable[Envelope], offered: Capabilities) -> None:
        self._envelopes = iter(envelopes)
        self._offered = offered
        self._kept: list[Outcome] = []
        self._returned: list[Envelope] = []
        self._fault: Exception | None = None
        self._exhausted = False

    def next(self) -> Envelope | None:
        """The next envelope that may be offered; None from the end of the iterable on."""
        if self._returned:
            return self._returned.pop()
        if self._exhausted:
            return None
        try:
            for envelope in self._envelopes:
                against = objection(envelope, self._offered)
                if against is None:
                    return envelope
                self._kept.append(
                    Outcome(envelope.key, Fate.REFUSED, Phase.MAIL, sentence=str(against))
                )
        except Exception as fault:  # raised by finish(), after the outcomes
            self._fault = fault
        self._exhausted = True
        return None

    def give_back(self, envelope: Envelope | None) -> None:
        """Offer this envelope again before any other, because its first offer was void."""
        if envelope:
            self._returned.append(envelope)

    def keep(self, outcome: Outcome | None) -> None:
        """Keep an outcome until the next write has left."""
        if outcome:
            self._kept.append(outcome)

    def known(self) -> list[Outcome]:
        """The outcomes kept since the last call."""
        known, self._kept = self._kept, []
        return known

    def finish(self) -> None:
        """Raise the exception of the iterable, if it had one."""
        if self._fault:
            raise self._fault
