"""What a provider reported, in our own words, whichever provider it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailer.errors import MailerError


class Forged(MailerError):
    """A request that is not from the provider, or is too old to be acted on.

    The door answers all of them alike; the sentence is for the log.
    """


class EventKind(StrEnum):
    """What happened, as far as it matters to us; opens and clicks are counted by our own links."""

    HARD = "hard"  # nobody is there: give the address up
    SOFT = "soft"  # this message did not arrive, and that is not held against the person
    DELAYED = "delayed"  # the provider is still trying
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    DELIVERED = "delivered"
    OTHER = "other"  # nothing to act on; kept so that nothing a provider says is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """One thing that happened to one message for one recipient.

    ``reason`` is a word of the bounce vocabulary, ``status`` an enhanced status code or "",
    ``diagnostic`` one printable line of at most 1000 characters. ``message_id`` has no angle
    brackets and may be the provider's own; what we put on the message ourselves (header fields,
    variables, metadata) comes back in ``references``, where the payload carries it. ``event_id``
    is the same when the same event is told again. ``at`` is aware UTC and never after ``now``.

    A provider's word ties an event to nobody: match it by our own Message-ID or references, never
    by ``recipient`` alone.
    """

    kind: EventKind
    recipient: str
    reason: str
    event_id: str
    at: datetime
    status: str = ""
    diagnostic: str = ""
    message_id: str = ""
    references: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A topic of ours asks whether we want its messages; fetching ``url`` says yes."""

    topic: str
    url: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Somebody ended a topic's subscription: an operator must know. ``url`` takes it up again."""

    topic: str
    url: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Events under a signature that does not cover them.

    Act on them only when ``token`` was never seen before, and remember it for ``mailgun.FRESH``.
    """

    token: str
    events: tuple[ProviderEvent, ...]
