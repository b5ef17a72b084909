"""Amazon SES: notifications through SNS, in both of its formats.

Feedback notifications call their type ``notificationType``, event publishing calls it
``eventType``; what they carry is the same.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from mailer.receipts.providers.judging import EventJudgement, judge
from mailer.receipts.providers.model import (
    Confirmation,
    EventKind,
    ProviderEvent,
    SubscriptionEnded,
)
from mailer.receipts.providers.reading import (
    address,
    identifier,
    line,
    mapping,
    members,
    moment,
    parsed,
    references,
)
from mailer.receipts.providers.sns import MessageType, SnsMessage, verified

_IGNORED: Final = frozenset({"Send", "Open", "Click", "Received"})
_PERMANENT: Final[dict[str, bool]] = {"Permanent": True, "Transient": False}
# The reason of a subtype. That an address is on a suppression list of SES is no evidence of its
# own: the bounce that put it there was reported when it happened.
_REASONS: Final = {
    "NoEmail": "userunknown",
    "Suppressed": "onhold",
    "OnAccountSuppressionList": "onhold",
    "UnsubscribedRecipient": "onhold",
    "MailboxFull": "mailboxfull",
    "MessageTooLarge": "mesgtoobig",
    "ContentRejected": "contenterror",
    "AttachmentRejected": "contenterror",
}
# RFC 5965 section 7.3: reports that are no complaints.
_NO_COMPLAINT: Final = frozenset({"not-spam", "auth-failure"})
_OUR_HEADERS: Final = frozenset({"message-id", "feedback-id", "list-id", "list-unsubscribe"})

# A recipient, the judgement, and the text of the server.
_Outcome = tuple[str, EventJudgement, str]


def read(
    headers: Mapping[str, str],
    body: bytes,
    *,
    topics: Collection[str],
    fetch_certificate: Callable[[str], bytes],
    now: datetime,
) -> tuple[ProviderEvent, ...] | Confirmation | SubscriptionEnded:
    """What SES reports, or what SNS asks about a subscription; Forged when it is from neither.

    ``topics`` are the ARNs to listen to; see ``sns.verified`` for ``fetch_certificate``.
    """
    message = verified(headers, body, topics=topics, fetch_certificate=fetch_certificate, now=now)
    if message.type is MessageType.SUBSCRIPTION:
        return Confirmation(message.topic, message.url)
    if message.type is MessageType.ENDED:
        return SubscriptionEnded(message.topic, message.url)
    return tuple(_events(message, now))


def _events(message: SnsMessage, now: datetime) -> Iterator[ProviderEvent]:
    # Once, after subscribing, the text is an English sentence and no JSON.
    payload = mapping(parsed(message.text))
    name = line(payload.get("eventType") or payload.get("notificationType"))
    if not name or name in _IGNORED:
        return
    mail = mapping(payload.get("mail"))
    detail = mapping(payload.get(name[0].lower() + name[1:].replace(" ", "")))
    recipients = [address(each) for each in members(mail.get("destination"))]
    for number, (recipient, judged, diagnostic) in enumerate(_outcomes(name, detail, recipients)):
        yield ProviderEvent(
            kind=judged.kind,
            recipient=recipient,
            reason=judged.reason,
            status=judged.status,
            diagnostic=diagnostic,
            message_id=identifier(mail.get("messageId")),
            references=_references(mail),
            event_id=f"{line(message.id)}/{number}",  # one SNS message may name several people
            at=moment(detail.get("timestamp") or mail.get("timestamp"), now=now),
        )


def _outcomes(name: str, detail: Mapping[str, object], recipients: list[str]) -> Iterator[_Outcome]:
    match name:
        case "Bounce":
            yield from _bounced(detail)
        case "Complaint":
            yield from _complained(detail)
        case "Delivery":
            diagnostic = line(detail.get("smtpResponse"))
            for each in members(detail.get("recipients")):
                yield (
                    address(each),
                    EventJudgement(EventKind.DELIVERED, "delivered", ""),
                    diagnostic,
                )
        case "DeliveryDelay":
            for person in map(mapping, members(detail.get("delayedRecipients"))):
                diagnostic = line(person.get("diagnosticCode"))
                judged = judge(diagnostic, permanent=False, status=line(person.get("status")))
                delayed = EventJudgement(EventKind.DELAYED, judged.reason, judged.status)
                yield address(person.get("emailAddress")), delayed, diagnostic
        case "Reject":  # SES found a virus in it, and sent it to nobody
            diagnostic = line(detail.get("reason"))
            for each in recipients:
                yield each, EventJudgement(EventKind.SOFT, "virusdetected", ""), diagnostic
        case "Subscription":  # a choice on SES's own preference page, which we do not link to
            wishes = mapping(detail.get("newTopicPreferences"))
            gone = wishes.get("unsubscribeAll") is True
            kind = EventKind.UNSUBSCRIBE if gone else EventKind.OTHER
            for each in recipients:
                yield each, EventJudgement(kind, "feedback", ""), line(detail.get("source"))
        case _:
            for each in recipients or [""]:
                yield each, EventJudgement(EventKind.OTHER, "undefined", ""), name


def _bounced(bounce: Mapping[str, object]) -> Iterator[_Outcome]:
    permanent = _PERMANENT.get(line(bounce.get("bounceType")))
    fallback = _REASONS.get(line(bounce.get("bounceSubType")), "")
    for person in map(mapping, members(bounce.get("bouncedRecipients"))):
        diagnostic = line(person.get("diagnosticCode"))
        judged = judge(
            diagnostic, permanent=permanent, status=line(person.get("status")), fallback=fallback
        )
        if (
            fallback == "onhold"
        ):  # the text is SES's own then, with a code that looks like an answer
            judged = EventJudgement(EventKind.SOFT, fallback, judged.status)
        yield address(person.get("emailAddress")), judged, diagnostic


def _complained(complaint: Mapping[str, object]) -> Iterator[_Outcome]:
    feedback_type = line(complaint.get("complaintFeedbackType"))
    kind = EventKind.OTHER if feedback_type in _NO_COMPLAINT else EventKind.COMPLAINT
    for person in map(mapping, members(complaint.get("complainedRecipients"))):
        yield (
            address(person.get("emailAddress")),
            EventJudgement(kind, "feedback", ""),
            feedback_type,
        )


def _references(mail: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, object] = {}
    for each in map(mapping, members(mail.get("headers"))):
        name = line(each.get("name")).lower()
        if name in _OUR_HEADERS or name.startswith("x-"):
            found.setdefault(name, each.get("value"))
    return references(found)
