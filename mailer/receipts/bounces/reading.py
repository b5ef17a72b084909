"""Read one message that came back: what it reports about which recipient.

Machine-readable parts come first: delivery status reports (RFC 3464), complaints (RFC 5965).
Then prose, if the message looks like a bounce, then automatic replies (RFC 3834). Nothing is looked
up and nothing is decided: the caller verifies the traces and knows the contacts.
"""

from mailer.receipts.bounces.automatic import is_automatic_reply
from mailer.receipts.bounces.failures import one_line
from mailer.receipts.bounces.mail import Mail, mail_of
from mailer.receipts.bounces.parts.addresses import bare, found_in
from mailer.receipts.bounces.parts.fields import Fields
from mailer.receipts.bounces.prose.evidence import is_report
from mailer.receipts.bounces.prose.narrated import by_prose
from mailer.receipts.bounces.prose.sentences import expected_recipients
from mailer.receipts.bounces.report import BounceKind, Report
from mailer.receipts.bounces.structured.feedback import (
    feedback_in,
    hotmail_complainer,
    kind_of,
    recipients_in,
)
from mailer.receipts.bounces.structured.notified import by_notification
from mailer.receipts.bounces.structured.reported import by_delivery_status, by_disposition
from mailer.receipts.bounces.traces import destinations


def read_mail(message: bytes, sent_to: str) -> tuple[Report, ...]:
    """The reports of a message, at least one."""
    mail = mail_of(message, sent_to)
    for reader in (
        _complaints,
        _unsubscribe,
        by_notification,
        by_delivery_status,
        by_disposition,
        by_prose,
        _automatic,
    ):
        if reports := reader(mail):
            return reports
    return (Report(BounceKind.NONE, "", "", "", "", mail.traces()),)


def _complaints(mail: Mail) -> tuple[Report, ...]:
    returned = mail.notice.returned
    feedback = feedback_in(mail.entity)
    if feedback is None:
        complainer = hotmail_complainer(returned)
        if not complainer:
            return ()
        return (Report(BounceKind.COMPLAINT, complainer, "feedback", "", "", mail.traces()),)
    kind = kind_of(feedback)
    reason = "" if kind is BounceKind.NONE else "feedback"
    people = (
        recipients_in(feedback) or list(expected_recipients(mail.notice, Fields()).values())[:1]
    )
    diagnostic = one_line(
        f"{feedback.first('feedback-type')} reported by {feedback.first('user-agent') or 'unknown'}"
    )
    traces = mail.traces(feedback)
    return tuple(Report(kind, person, reason, "", diagnostic, traces) for person in people or [""])


def _unsubscribe(mail: Mail) -> tuple[Report, ...]:
    """Mail to a List-Unsubscribe address: the address alone is the request (RFC 2369 3.2).

    So is a mail that a mail program sent to leave the list, wherever it was sent.
    """
    is_request = mail.sent_to.lower().startswith("u+") or any(
        address.lower().startswith("u+")
        for value in destinations(mail.fields, mail.sent_to)
        for address in found_in(value)
    )
    is_request = is_request or mail.fields.first("x-apple-unsubscribe").lower() == "true"
    if not is_request or is_report(mail.entity):
        return ()
    sender = bare(mail.fields.first("from"))
    subject = one_line(mail.fields.words("subject"))
    return (Report(BounceKind.UNSUBSCRIBE, sender, "feedback", "", subject, mail.traces()),)


def _automatic(mail: Mail) -> tuple[Report, ...]:
    if not is_automatic_reply(mail.fields):
        return ()
    sender = bare(mail.fields.first("from"))
    subject = one_line(mail.fields.words("subject"))
    return (Report(BounceKind.VACATION, sender, "vacation", "", subject, mail.traces()),)
