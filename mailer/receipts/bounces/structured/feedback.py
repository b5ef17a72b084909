"""Complaints in the Abuse Reporting Format (RFC 5965), and Microsoft's own kind of them.

Addresses in them are usually redacted (RFC 6590), so the traces identify the recipient.
"""

from typing import Final

from mailer.receipts.bounces.parts.addresses import bare
from mailer.receipts.bounces.parts.entities import Entity
from mailer.receipts.bounces.parts.fields import Fields, fields_of
from mailer.receipts.bounces.report import BounceKind

_HOTMAIL: Final = "x-hmxmroriginalrecipient"
# RFC 5965 7.3, RFC 6430 and RFC 6591; an unknown type is "other", and so a complaint.
_KINDS: Final = {
    "not-spam": BounceKind.NONE,
    "auth-failure": BounceKind.NONE,
    "dmarc": BounceKind.NONE,
    "opt-out": BounceKind.UNSUBSCRIBE,
    "opt-out-list": BounceKind.UNSUBSCRIBE,
}


def feedback_in(entity: Entity) -> Fields | None:
    """The fields of a feedback report, or None when the message holds none."""
    for part in entity.leaves():
        if part.media == "message/feedback-report":
            fields = fields_of(part.text.lstrip())
            return fields if fields.has("feedback-type") else None
    return None


def kind_of(feedback: Fields) -> BounceKind:
    """What the complaint asks for."""
    return _KINDS.get(feedback.first("feedback-type").strip().lower(), BounceKind.COMPLAINT)


def recipients_in(feedback: Fields) -> list[str]:
    """The addresses that it names as those who received the message."""
    named = feedback.every("original-rcpt-to", "removal-recipient")
    return list(dict.fromkeys(address for value in named if (address := bare(value))))


def hotmail_complainer(returned: Fields) -> str:
    """Who complained, in the copy that Microsoft's complaint programme sends without a report."""
    return bare(returned.first(_HOTMAIL))
