"""Events in one vocabulary, whichever provider reported them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailer.errors import MailerError


class Forged(MailerError):
    """A request that is not from the provider, or is too old to be acted on.

    The web view answers all of them alike; the sentence is for the log.
    """


class EventKind(StrEnum):
    """What happened, as far as it matters to us; opens and clicks are counted by our own links."""

    HARD = "hard"  # no such mailbox: suppress the address
    SOFT = "soft"  # this message did not arrive, and that is not held against the person
    DELAYED = "delayed"  # the provider is still trying
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    DELIVERED = "delivered"
    OTHER = "other"  # no action; kept so that no event is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """One thing that happened to one message for one recipient.

    ``reason`` is a word of the bounce vocabulary, ``status`` an enhanced status code or "",
    ``diagnostic`` one printable line of at most 1000 characters. ``message_id`` has no angle
    brackets and may be the provider's own; what we put on the message ourselves (header fields,
    variables, metadata) comes back in ``references``, where the payload carries it. ``event_id``
    is the same when the same event is reported again. ``at`` is aware UTC and never after ``now``.

    Match an event by our own Message-ID or references, never by ``recipient`` alone: the address
    does not prove which mail the event is about.
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
    """A topic of ours asks to confirm its subscription; fetching ``url`` confirms it."""

    topic: str
    url: str


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    """Somebody ended a topic's subscription: an operator must know. ``url`` restores it."""

    topic: str
    url: str


@dataclass(frozen=True, slots=True)
class SignedEvents:
    """Events under a signature that does not cover them.

    Act on them only when ``token`` was never seen before, and remember it for ``mailgun.FRESH``.
    """

    token: str
    events: tuple[ProviderEvent, ...]
