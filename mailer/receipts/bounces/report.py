"""What a message that came back says, as values: a kind, a reason, and what names the delivery."""

from dataclasses import dataclass
from enum import StrEnum


class BounceKind(StrEnum):
    """What became of a delivery, or what its recipient wants."""

    HARD = "hard"  # no such mailbox: never write again
    SOFT = "soft"  # not this time, or still being tried
    COMPLAINT = "complaint"
    VACATION = "vacation"
    UNSUBSCRIBE = "unsubscribe"
    NONE = "none"  # nothing about a delivery, or good news only


@dataclass(frozen=True, slots=True)
class Traces:
    """Whatever in a message may name the delivery. None is verified: that takes the secret.

    ``return_paths`` and ``unsubscribe`` hold local parts such as ``b+<token>``, ``n+<token>`` for
    system mail, and ``u+<token>``; ``unsubscribe`` the https links of a returned List-Unsubscribe
    as well. ``message_ids`` come without their angle brackets.
    """

    return_paths: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    envelope_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What is said about one recipient.

    ``recipient`` is a bare address, ``status`` an enhanced status code (RFC 3463), ``diagnostic``
    one printable line of at most 1000 characters; each is empty when unknown. ``delayed`` says that
    the delivery is still being tried.
    """

    kind: BounceKind
    recipient: str
    reason: str
    status: str
    diagnostic: str
    traces: Traces
    delayed: bool = False
