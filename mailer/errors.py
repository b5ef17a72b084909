"""Every error the mailer raises, as sentences a person can act on.

MailerError
├── SettingsError          a setting cannot be used; said once, at start
├── NotFound               there is no such campaign, newsletter, schedule …
├── NotAllowed             the thing exists, but this may not be done to it now
│   └── ChangedMeanwhile   somebody else has written where this person was writing
├── NotTheirs              this person's role does not include it; names who can
├── FormError              some fields can't be kept as typed; names them
├── UnusableKey            a key that cannot sign mail
├── UnreadableRecord       a record in DNS that breaks its grammar; half a sentence
├── MailboxUnavailable     the mailbox that bounces come to cannot be read now
├── NotFetched             nothing was fetched from an address (fetching.refusals)
├── Forged                 a request that is not the provider's (receipts.providers.model)
├── DocumentError          the document cannot be sent as it is; names the blocks
└── DeliveryError
    ├── Deferred           will be tried again
    │   └── RelayUnavailable   the relay is away or busy (delivery.smtp.handshake)
    └── Refused            will be remembered
        └── RelayRefused       the relay cannot be used as it is set up
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class MailerError(Exception):
    """The root: its text is a sentence for the person at the door."""


class SettingsError(MailerError):
    """A setting from the environment that cannot be used."""


class NotFound(MailerError):
    """Something was named that is not there."""


class NotAllowed(MailerError):
    """The thing is there, but its state does not allow this."""


class NotTheirs(MailerError):
    """What this person's role does not include; its text says who can."""


class ChangedMeanwhile(NotAllowed):
    """Somebody has changed a block since a person began to write in it.

    ``theirs`` is what it says now, under the revision ``revision``; ``who`` wrote that, ``at``.
    """

    def __init__(self, who: str, at: datetime, theirs: Mapping[str, Any], revision: str) -> None:
        self.who, self.at, self.theirs, self.revision = who, at, theirs, revision
        super().__init__(
            f"{who} changed this while you were writing. Both texts are here: choose which stays."
        )


class FormError(MailerError):
    """What was typed can't be kept; ``problems`` is a sentence a field: (field, sentence)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(sentence for _, sentence in problems))


class UnusableKey(MailerError):
    """A key that cannot sign mail, or a name it cannot be published under."""


class UnreadableRecord(MailerError):
    """A record in DNS that cannot be read; its text says which word is wrong."""


class MailboxUnavailable(MailerError):
    """The mailbox that bounces come to cannot be read now; it is tried again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a document.

    ``block`` is the block's id ("" for the subject and other settings), ``where`` the words a
    person knows the block by, ``field`` its field, ``message`` a whole sentence.
    """

    block: str
    where: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class DocumentError(MailerError):
    """A document that cannot be sent; ``problems`` says why, block by block."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(" ".join(str(problem) for problem in problems))


class DeliveryError(MailerError):
    """A message could not be handed over."""


class Deferred(DeliveryError):
    """It did not work now and will be tried again."""


class Refused(DeliveryError):
    """It will not work, and that is remembered."""
