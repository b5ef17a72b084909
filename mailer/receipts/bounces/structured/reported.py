"""Reports out of machine-readable parts: delivery status (RFC 3464) and disposition (RFC 8098)."""

import re
from typing import Final

from mailer.receipts.bounces.failures import failure, one_line
from mailer.receipts.bounces.mail import Mail
from mailer.receipts.bounces.parts.addresses import bare
from mailer.receipts.bounces.parts.entities import Entity
from mailer.receipts.bounces.parts.fields import Fields, fields_of
from mailer.receipts.bounces.prose.evidence import is_report, looks_like_a_bounce
from mailer.receipts.bounces.prose.sentences import (
    expected_recipients,
    failures_in,
    paragraph_about,
    text_about,
)
from mailer.receipts.bounces.report import BounceKind, Report, Traces
from mailer.receipts.bounces.structured.statuses import FieldGroup, StatusReport, delivery_status
from mailer.receipts.bounces.vocabulary.dialogue import is_cut_short, stage_of, whole_reply
from mailer.receipts.bounces.vocabulary.reasons import best_status, explicit_reason, reason_of

_STATUS_REPORTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_WRITTEN_OUT: Final = re.compile(r"^(reporting-mta|(final|original)-recipient):", re.I | re.M)
_MOST_PARTS: Final = 10
_GOOD_NEWS: Final = ("deliver", "relay", "expand")


def by_delivery_status(mail: Mail) -> tuple[Report, ...]:
    """Every group of every status report, if the message is one or looks like a bounce."""
    believed = is_report(mail.entity) or looks_like_a_bounce(mail.entity, mail.notice, mail.sent_to)
    if not believed:
        return ()
    statuses = _statuses_in(mail.entity)
    if not any(status.recipients for status in statuses):
        wrapped = mail.wrapped()
        if wrapped is None or _names_somebody(mail):
            return ()
        mail, statuses = wrapped, _statuses_in(wrapped.entity)
    traces = mail.traces(*(_as_fields(status.message) for status in statuses))
    people = frozenset(group.recipient for status in statuses for group in status.recipients)
    return tuple(
        _of_group(mail, group, status.message, traces, people)
        for status in statuses
        for group in status.recipients
    )


def by_disposition(mail: Mail) -> tuple[Report, ...]:
    """A disposition notification (RFC 8098): news only if a filter refused the message (RFC 5429).

    Anything else it says is about reading, which is not recorded.
    """
    part = next(
        (p for p in mail.entity.leaves() if p.media == "message/disposition-notification"), None
    )
    if part is None:
        return ()
    fields = fields_of(part.text.lstrip())
    refused = "automatically rejected" in mail.notice.text[:2000].lower()
    if not refused:
        return (Report(BounceKind.NONE, "", "", "", "", mail.traces(fields)),)
    recipient = bare(fields.first("original-recipient")) or bare(fields.first("final-recipient"))
    text = text_about(recipient, mail.notice)
    return (failure(recipient, reason_of(text), "", text, mail.traces(fields), delayed=False),)


def _statuses_in(entity: Entity) -> list[StatusReport]:
    leaves = list(entity.leaves())
    texts = [part.text for part in leaves if part.media in _STATUS_REPORTS]
    if not texts:  # some write the fields into the text for people
        bodies = [part.text for part in leaves if part.is_text]
        texts = [text[found.start() :] for text in bodies if (found := _WRITTEN_OUT.search(text))]
    return [delivery_status(text) for text in texts[:_MOST_PARTS]]


def _names_somebody(mail: Mail) -> bool:
    failures = failures_in(mail.notice, mail.fields, mail.sent_to)
    return "@" in mail.notice.text and any(explicit_reason(each.text) for each in failures)


def _of_group(
    mail: Mail, group: FieldGroup, message: FieldGroup, traces: Traces, people: frozenset[str]
) -> Report:
    action, status = group["action"].strip().lower(), group["status"]
    recipient = group.recipient or _recipient_of(mail)
    if action.startswith(_GOOD_NEWS) or (not action and status.startswith("2")):
        diagnostic = one_line(group.diagnostic)
        return Report(
            BounceKind.NONE, recipient, "delivered", best_status(status, ""), diagnostic, traces
        )
    hosts = " ".join((group["remote-mta"], message["reporting-mta"], message["dsn-gateway"]))
    comment = status.partition("(")[2].rstrip(") ")
    said = group.diagnostic
    if is_cut_short(said):
        said = whole_reply(said, mail.notice.lines)
    text = next(
        (candidate for candidate in (said, comment) if explicit_reason(candidate, hosts)),
        "",
    )
    text = text or text_about(recipient, mail.notice, people - {recipient})
    if not explicit_reason(text, hosts):
        text = said or comment or text
    status = best_status(status, said or text)
    # Postfix names the command in its words for people only.
    stage = stage_of(paragraph_about(recipient, mail.notice))
    reason = reason_of(text, status, hosts, stage)
    return failure(recipient, reason, status, text, traces, delayed=action.startswith("delay"))


def _recipient_of(mail: Mail) -> str:
    """Whom a group without a recipient is about: whom we wrote to, or whom the notice names."""
    named = (each.address for each in failures_in(mail.notice, mail.fields, mail.sent_to))
    return next(iter(expected_recipients(mail.notice, mail.fields).values()), "") or next(named, "")


def _as_fields(group: FieldGroup) -> Fields:
    return Fields(tuple(group.fields.items()))
