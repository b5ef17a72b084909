"""A trial of a relay: what it offers, and how far one mail gets. At most twenty seconds.

It stores nothing and touches no database, so any relay can be tried at any time.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from mailer.delivery.smtp.client import Connection
from mailer.delivery.smtp.envelopes import Envelope, Fate, Outcome
from mailer.delivery.smtp.handshake import RelayRefused, RelayUnavailable
from mailer.delivery.smtp.peer import PeerInfo
from mailer.delivery.smtp.pipelining import Grouping
from mailer.delivery.smtp.replies import Phase
from mailer.delivery.smtp.wire import Timeouts
from mailer.settings.relay_address import RelayAddress

LIMIT: Final = 19.0  # seconds in all
# Some servers delay their greeting by six seconds, since spam programs do not wait for it.
TIMEOUTS: Final = Timeouts(
    connect=5,
    greeting=8,
    ehlo=4,
    starttls=4,
    auth=5,
    mail=4,
    rcpt=4,
    data=4,
    write=5,
    content=10,
    drain=1,
    quit=1,
)
_SILENT: Final = "The relay had not answered when the time for this test was over."


@dataclass(slots=True)
class Trial:
    """The result of a trial.

    Without ``failure`` the relay let us in; without ``outcome`` nothing was sent. ``failed_at`` is
    the phase that failed.
    """

    known: PeerInfo = field(default_factory=PeerInfo)
    grouping: Grouping | None = None  # the mode it would begin on
    failure: str = ""
    failed_at: Phase | None = None
    sending: bool = False
    outcome: Outcome | None = None

    @property
    def works(self) -> bool:
        """Whether mail can be handed over here, as far as was tried."""
        return not self.failure and (self.outcome is None or self.outcome.fate is Fate.ACCEPTED)


def attempt(
    address: RelayAddress,
    envelope: Envelope | None,
    *,
    hello_name: str,
    timeouts: Timeouts = TIMEOUTS,
    limit: float = LIMIT,
) -> Trial:
    """Connect, and hand the envelope over if there is one; every fault is in the result.

    ``limit`` is in seconds and holds for all of it, looking the host's name up included.
    """
    trial = Trial()
    over_at = time.monotonic() + limit
    # A look-up of a name has no time limit, and a relay may answer slowly: a thread can be left
    # alone.
    talking = threading.Thread(
        target=_talk,
        args=(trial, address, envelope),
        kwargs={"hello_name": hello_name, "timeouts": timeouts, "over_at": over_at},
        daemon=True,
    )
    talking.start()
    talking.join(limit)
    if not talking.is_alive():
        return trial
    seen = Trial(known=trial.known, grouping=trial.grouping, sending=trial.sending)
    if envelope and seen.sending:
        seen.outcome = Outcome(envelope.key, Fate.UNCERTAIN, Phase.CONTENT, sentence=_SILENT)
    elif seen.grouping is None:
        seen.failure, seen.failed_at = _SILENT, Phase.CONNECT
    return seen


def _talk(
    trial: Trial,
    address: RelayAddress,
    envelope: Envelope | None,
    *,
    hello_name: str,
    timeouts: Timeouts,
    over_at: float,
) -> None:
    try:
        connection = Connection.open(
            address, hello_name=hello_name, timeouts=timeouts, known=trial.known
        )
    except (RelayUnavailable, RelayRefused) as error:
        trial.failure, trial.failed_at = str(error), error.phase
        return
    with connection:
        trial.grouping = connection.grouping
        if envelope is None or time.monotonic() > over_at:
            return
        trial.sending = True
        (trial.outcome,) = connection.send([envelope])
