"""Read one message that came back: what it says about which recipient.

Truth that a machine wrote comes first: delivery status reports (RFC 3464), complaints (RFC 5965).
Then prose, if the message looks like a bounce, then automatic replies (RFC 3834). Nothing is looked
up, nothing is decided: whoever calls verifies the traces and knows the contacts.
"""

from dataclasses import dataclass
from typing import Final

from mailer.receipts.bounces.addresses import bare, found_in
from mailer.receipts.bounces.automatic import is_automatic_reply
from mailer.receipts.bounces.entities import Entity, parse
from mailer.receipts.bounces.evidence import is_report, looks_like_a_bounce, says_so
from mailer.receipts.bounces.feedback import feedback_in, hotmail_complainer, kind_of, recipients_in
from mailer.receipts.bounces.fields import Fields, fields_of
from mailer.receipts.bounces.net import caught_in
from mailer.receipts.bounces.notices import Notice, notice_in
from mailer.receipts.bounces.prose import Told, about, expected_in, told_in, words_of
from mailer.receipts.bounces.reasons import best_status, is_hard, reason_of, told_reason
from mailer.receipts.bounces.report import Kind, Report, Traces
from mailer.receipts.bounces.signs import DELAYED, FINAL
from mailer.receipts.bounces.statuses import DeliveryStatus, Group, delivery_status
from mailer.receipts.bounces.traces import traces_in

_LONGEST_DIAGNOSTIC: Final = 1000
_STATUS_REPORTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_UNKNOWN: Final = frozenset({"onhold", "undefined"})
_GOOD_NEWS: Final = ("deliver", "relay", "expand")


@dataclass(frozen=True, slots=True)
class _Mail:
    """A message taken apart once, with everything that the readers below need."""

    octets: bytes
    entity: Entity
    notice: Notice
    sent_to: str

    @property
    def fields(self) -> Fields:
        return self.entity.fields

    def traces(self, *told: Fields) -> Traces:
        return traces_in(self.fields, self.notice, self.sent_to, told=told)


def read_mail(message: bytes, sent_to: str) -> tuple[Report, ...]:
    """The reports of a message, at least one."""
    entity = parse(message)
    mail = _Mail(message, entity, notice_in(entity), sent_to)
    for reader in (
        _complaints,
        _unsubscribe,
        _delivery_statuses,
        _refused_by_its_reader,
        _told_in_prose,
        _automatic,
    ):
        if reports := reader(mail):
            return reports
    return (Report(Kind.NONE, "", "", "", "", mail.traces()),)


def _complaints(mail: _Mail) -> tuple[Report, ...]:
    returned = mail.notice.returned
    feedback = feedback_in(mail.entity)
    if feedback is None:
        complainer = hotmail_complainer(returned)
        if not complainer:
            return ()
        return (Report(Kind.COMPLAINT, complainer, "feedback", "", "", mail.traces()),)
    kind = kind_of(feedback)
    reason = "" if kind is Kind.NONE else "feedback"
    people = recipients_in(feedback) or list(expected_in(mail.notice, Fields()).values())[:1]
    told = one_line(
        f"{feedback.first('feedback-type')} reported by {feedback.first('user-agent') or 'unknown'}"
    )
    traces = mail.traces(feedback)
    return tuple(Report(kind, person, reason, "", told, traces) for person in people or [""])


def _unsubscribe(mail: _Mail) -> tuple[Report, ...]:
    """Mail to the address of a List-Unsubscribe field: the address is the wish (RFC 2369 3.2)."""
    recipients = [mail.sent_to, *mail.fields.every("delivered-to", "x-original-to", "to")]
    asked = any(
        address.lower().startswith("u+") for value in recipients for address in found_in(value)
    ) or mail.sent_to.lower().startswith("u+")
    if not asked or is_report(mail.entity):
        return ()
    sender = bare(mail.fields.first("from"))
    subject = one_line(mail.fields.words("subject"))
    return (Report(Kind.UNSUBSCRIBE, sender, "feedback", "", subject, mail.traces()),)


def _delivery_statuses(mail: _Mail) -> tuple[Report, ...]:
    """Every group of every status report, if the message is one or looks like a bounce."""
    believed = is_report(mail.entity) or looks_like_a_bounce(mail.entity, mail.notice, mail.sent_to)
    if not believed:
        return ()
    statuses = _statuses_in(mail.entity)
    if not any(status.recipients for status in statuses):
        if _names_somebody(mail):
            return ()
        # A bounce may wrap another one, and say nothing itself.
        inner = next((part for part in mail.entity.leaves() if part.is_message), None)
        statuses = _statuses_in(inner.children[0]) if inner is not None else []
    traces = mail.traces(*(_as_fields(status.message) for status in statuses))
    return tuple(
        _of_group(mail, group, status.message, traces)
        for status in statuses
        for group in status.recipients
    )


def _statuses_in(entity: Entity) -> list[DeliveryStatus]:
    leaves = list(entity.leaves())
    texts = [part.text for part in leaves if part.media in _STATUS_REPORTS]
    if not texts:  # some write the fields into the notice itself
        texts = [
            part.text
            for part in leaves
            if part.media == "text/plain" and "inal-recipient:" in part.text.lower()
        ]
        texts = [text for text in texts if "action:" in text.lower() or "status:" in text.lower()]
        texts = [text[max(0, text.lower().find("reporting-mta:")) :] for text in texts]
    return [delivery_status(text) for text in texts[:10]]


def _names_somebody(mail: _Mail) -> bool:
    return any(
        told_reason(told.words) for told in told_in(mail.notice, mail.fields, mail.sent_to)
    ) and any("@" in line for line in mail.notice.lines)


def _of_group(mail: _Mail, group: Group, message: Group, traces: Traces) -> Report:
    recipient = group.recipient or next(iter(expected_in(mail.notice, mail.fields).values()), "")
    action = group["action"].strip().lower()
    if not recipient:
        recipient = next((t.address for t in told_in(mail.notice, mail.fields, mail.sent_to)), "")
    if action.startswith(_GOOD_NEWS) or (not action and group["status"].startswith("2")):
        return Report(
            Kind.NONE,
            recipient,
            "delivered",
            group["status"][:10],
            one_line(group.diagnostic),
            traces,
        )
    hosts = " ".join((group["remote-mta"], message["reporting-mta"], message["dsn-gateway"]))
    comment = group["status"].partition("(")[2].rstrip(") ")
    words = next((said for said in (group.diagnostic, comment) if told_reason(said, hosts)), "")
    words = words or about(recipient, mail.notice)
    if not told_reason(words, hosts):
        words = group.diagnostic or comment or words
    status = best_status(group["status"], group.diagnostic or words)
    reason = reason_of(words, status, hosts)
    return _failure(recipient, reason, status, words, traces, delayed=action.startswith("delay"))


def _failure(
    recipient: str, reason: str, status: str, words: str, traces: Traces, *, delayed: bool
) -> Report:
    if delayed and reason in _UNKNOWN:
        reason = "expired"
    hard = not delayed and is_hard(reason, status, words)
    return Report(
        Kind.HARD if hard else Kind.SOFT, recipient, reason, status, one_line(words), traces
    )


def _refused_by_its_reader(mail: _Mail) -> tuple[Report, ...]:
    """A disposition notification (RFC 8098): news only if a filter refused the message (RFC 5429).

    Anything else it says is about reading, which is none of our business.
    """
    part = next(
        (p for p in mail.entity.leaves() if p.media == "message/disposition-notification"), None
    )
    if part is None:
        return ()
    fields = fields_of(part.text.lstrip())
    refused = "automatically rejected" in mail.notice.text[:2000].lower()
    if not refused:
        return (Report(Kind.NONE, "", "", "", "", mail.traces(fields)),)
    recipient = bare(fields.first("original-recipient")) or bare(fields.first("final-recipient"))
    words = about(recipient, mail.notice)
    return (_failure(recipient, reason_of(words), "", words, mail.traces(fields), delayed=False),)


def _told_in_prose(mail: _Mail) -> tuple[Report, ...]:
    if not looks_like_a_bounce(mail.entity, mail.notice, mail.sent_to):
        return ()
    subject = mail.fields.words("subject")
    # Whoever gives no reason has to say at least that it is a bounce, and to be no vacation.
    plain = says_so(mail.fields, mail.notice) and not is_automatic_reply(mail.fields)
    told = [
        each
        for each in told_in(mail.notice, mail.fields, mail.sent_to)
        if plain or told_reason(each.words) or told_reason(subject)
    ]
    if plain and not told:
        words = words_of(mail.notice)
        told = [Told(address, words) for address in caught_in(mail.octets)]
    text = f"{subject}\n{mail.notice.text[:8000]}"
    delayed = DELAYED.search(text) is not None and FINAL.search(text) is None
    traces = mail.traces()
    # A code that stands far from the address can only be about it when there is no other.
    status = best_status("", text) if len(told) == 1 else ""
    return tuple(_of_prose(each, subject, status, traces, delayed=delayed) for each in told)


def _of_prose(told: Told, subject: str, status: str, traces: Traces, *, delayed: bool) -> Report:
    words = told.words if told_reason(told.words) else f"{told.words} {subject}"
    status = best_status("", told.words) or status
    return _failure(
        told.address, reason_of(words, status), status, told.words, traces, delayed=delayed
    )


def _automatic(mail: _Mail) -> tuple[Report, ...]:
    if not is_automatic_reply(mail.fields):
        return ()
    sender = bare(mail.fields.first("from"))
    subject = one_line(mail.fields.words("subject"))
    return (Report(Kind.VACATION, sender, "vacation", "", subject, mail.traces()),)


def _as_fields(group: Group) -> Fields:
    return Fields(tuple(group.fields.items()))


def one_line(text: str) -> str:
    """The text on one printable line, bounded."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 2 * _LONGEST_DIAGNOSTIC])
    return " ".join(printable.split())[:_LONGEST_DIAGNOSTIC]
