"""Whatever in a message may name the delivery that it is about, in order of worth.

Where a token was found is not kept and not needed: its code proves it, and every recipient of a
message knows its token already.
"""

import re
from collections.abc import Iterable
from typing import Final

from mailer.receipts.bounces.parts.fields import Fields
from mailer.receipts.bounces.prose.notices import BounceNotice
from mailer.receipts.bounces.report import Traces

_MOST: Final = 20
_TOKEN: Final = re.compile(r"(?<![\w.+-])([bnu]\+[A-Za-z0-9_-]{8,62})@", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"<([^<>\s]{3,250})>")
_LINK: Final = re.compile(r"<\s*(https://[^<>\s]{1,1000})\s*>", re.IGNORECASE)

# The recipients of the message itself, as mail systems note them, and as its sender wrote them.
_NOTED: Final = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-rcpt-to",
    "x-real-to",
)
_ADDRESSED: Final = (*_NOTED, "to", "cc", "resent-to", "original-recipient", "received")
_RECEIVED_FOR: Final = re.compile(r"\bfor\s+<?([^\s<>;()]{3,320})", re.IGNORECASE)
_RETURNED: Final = (
    "return-path",
    "x-envelope-from",
    "envelope-from",
    "sender",
    "received",
    "x-env-sender",
)


def destinations(fields: Fields, sent_to: str = "") -> tuple[str, ...]:
    """Texts with the addresses that a message was sent to, the surest first.

    A mailbox forgets the envelope, but the systems on the way have noted it (RFC 5321 4.4).
    """
    received = (_RECEIVED_FOR.search(value) for value in fields.every("received"))
    noted = (*fields.every(*_NOTED), *(found[1] for found in received if found))
    return (sent_to, *noted, *fields.every("to"))


def traces_in(
    fields: Fields, notice: BounceNotice, sent_to: str = "", *, reported: Iterable[Fields] = ()
) -> Traces:
    """Collect them; ``reported`` are the fields of reports inside the message."""
    reports = tuple(reported)
    returned = notice.returned
    addressed = [sent_to, *fields.every(*_ADDRESSED)]
    behind = [
        *(value for report in reports for value in report.every("original-mail-from")),
        *returned.every(*_RETURNED),
        notice.text[:16_384],
    ]
    ours = _local_parts([*addressed, *behind])
    unsubscribe = [local for local in _local_parts(addressed) if local.startswith(("u+", "U+"))]
    unsubscribe += _links(returned.every("list-unsubscribe"))
    return Traces(
        return_paths=_distinct(local for local in ours if local[0] in "bBnN"),
        unsubscribe=_distinct(unsubscribe),
        message_ids=_distinct(_message_ids(fields, returned, reports)),
        envelope_ids=_distinct(
            value[:200] for report in reports for value in report.every("original-envelope-id")
        ),
    )


def _local_parts(values: list[str]) -> list[str]:
    return [found[1] for value in values for found in _TOKEN.finditer(value)]


def _links(values: tuple[str, ...]) -> list[str]:
    return [link for value in values for link in _LINK.findall(value)]


def _message_ids(fields: Fields, returned: Fields, reports: tuple[Fields, ...]) -> list[str]:
    """Those of the returned message; else those that the message answers (RFC 5322 3.6.4)."""
    values = list(returned.every("message-id"))
    for report in reports:
        values += report.every("original-message-id", "x-original-message-id")
    for last_resort in ("in-reply-to", "references"):
        if not values:
            values = list(fields.every(last_resort))
    return [found for value in values for found in _MESSAGE_ID.findall(value)]


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:_MOST]
