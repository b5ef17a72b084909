"""Reports in JSON that come by mail: what Amazon SES tells a topic of SNS with a mail address.

The mail holds the notification itself, or SNS's envelope with the notification as a text inside,
and then a few words for people. Nothing here is signed, so that it is believed like any other mail:
by our token in the header of the returned message, which SES repeats when it is asked to.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from mailer.receipts.bounces.failures import failure, one_line
from mailer.receipts.bounces.mail import Mail
from mailer.receipts.bounces.parts.addresses import bare
from mailer.receipts.bounces.parts.fields import Fields
from mailer.receipts.bounces.report import BounceKind, Report, Traces
from mailer.receipts.bounces.vocabulary.reasons import best_status, reason_of

_MOST_CHARACTERS: Final = 128 * 1024
_MOST_PEOPLE: Final = 50
_MOST_FIELDS: Final = 100
_DECODER: Final = json.JSONDecoder(strict=False)  # a mail system may have broken a long line
# RFC 5965 7.3: reports that are no complaints.
_NO_COMPLAINT: Final = frozenset({"not-spam", "auth-failure"})
# A subtype that names the reason, where the server's text gives none. That SES itself has the
# address on a list is no evidence: the bounce that put it there was reported then.
_SUBTYPES: Final = {
    "NoEmail": "userunknown",
    "Suppressed": "onhold",
    "OnAccountSuppressionList": "onhold",
    "MailboxFull": "mailboxfull",
    "MessageTooLarge": "mesgtoobig",
    "ContentRejected": "contenterror",
    "AttachmentRejected": "contenterror",
}

_Json = Mapping[str, object]


def by_notification(mail: Mail) -> tuple[Report, ...]:
    """A report on each person whom the notification names; empty when the mail holds none."""
    told = _notification(mail)
    kind = _text(told.get("notificationType") or told.get("eventType"))
    if kind not in {"Bounce", "Complaint", "Delivery", "DeliveryDelay"}:
        return ()
    detail = _mapping(told.get(kind[0].lower() + kind[1:]))
    traces = _traces(mail, _mapping(told.get("mail")))
    match kind:
        case "Bounce":
            return tuple(_bounced(detail, traces))
        case "Complaint":
            return tuple(_complained(detail, traces))
        case "Delivery":
            said = one_line(_text(detail.get("smtpResponse")))
            people = map(_text, _members(detail.get("recipients")))
            return tuple(
                Report(BounceKind.NONE, bare(person), "delivered", "", said, traces)
                for person in people
            )
    delayed = map(_mapping, _members(detail.get("delayedRecipients")))
    return tuple(_failed(person, "", traces, lasting=False, delayed=True) for person in delayed)


def _bounced(bounce: _Json, traces: Traces) -> Iterator[Report]:
    lasting = bounce.get("bounceType") == "Permanent"
    fallback = _SUBTYPES.get(_text(bounce.get("bounceSubType")), "")
    for person in map(_mapping, _members(bounce.get("bouncedRecipients"))):
        yield _failed(person, fallback, traces, lasting=lasting, delayed=False)


def _failed(
    person: _Json, fallback: str, traces: Traces, *, lasting: bool, delayed: bool
) -> Report:
    recipient = bare(_text(person.get("emailAddress")))
    said = _text(person.get("diagnosticCode"))
    _, separator, rest = said.partition(";")
    text = rest.strip() if separator and said.lower().startswith(("smtp", "x-")) else said
    status = best_status(_text(person.get("status")), text)
    reason = reason_of(text, status)
    if fallback == "onhold" or (fallback and reason in {"onhold", "undefined"}):
        reason = fallback
    report = failure(recipient, reason, status, text, traces, delayed=delayed)
    return report if lasting else replace(report, kind=BounceKind.SOFT)


def _complained(complaint: _Json, traces: Traces) -> Iterator[Report]:
    written = _text(complaint.get("complaintFeedbackType"))
    is_none = written in _NO_COMPLAINT
    kind = BounceKind.NONE if is_none else BounceKind.COMPLAINT
    for person in map(_mapping, _members(complaint.get("complainedRecipients"))):
        recipient = bare(_text(person.get("emailAddress")))
        reason = "" if is_none else "feedback"
        yield Report(kind, recipient, reason, "", one_line(written), traces)


def _notification(mail: Mail) -> _Json:
    text = next((part.text for part in mail.entity.leaves() if part.is_text), "")
    told = _object_in(text.lstrip()[:_MOST_CHARACTERS])
    inside = told.get("Message")
    return _object_in(inside.lstrip()) if isinstance(inside, str) else told


def _object_in(text: str) -> _Json:
    """The object that a text begins with; an empty one when it begins with none."""
    if not text.startswith("{"):
        return {}
    try:
        return _mapping(_DECODER.raw_decode(text)[0])
    except (ValueError, RecursionError):
        return {}


def _traces(mail: Mail, told: _Json) -> Traces:
    """What names the delivery, in the header that the notification repeats."""
    pairs = [
        (_text(each.get("name")).lower(), _text(each.get("value")))
        for each in map(_mapping, _members(told.get("headers"), _MOST_FIELDS))
    ]
    if path := _text(told.get("source")):
        pairs.append(("return-path", path))
    returned = replace(mail.notice, returned=Fields(tuple(pairs)))
    return replace(mail, notice=returned).traces()


def _mapping(value: object) -> _Json:
    return value if isinstance(value, dict) else {}


def _members(value: object, most: int = _MOST_PEOPLE) -> list[object]:
    return value[:most] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value[:4000] if isinstance(value, str) else ""
