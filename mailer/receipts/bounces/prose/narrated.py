"""Reports out of prose, once the message looks like a bounce and says that it is one."""

import re
from typing import Final

from mailer.receipts.bounces.failures import failure
from mailer.receipts.bounces.mail import Mail
from mailer.receipts.bounces.prose.evidence import has_bounce_wording, looks_like_a_bounce
from mailer.receipts.bounces.prose.net import failed_addresses
from mailer.receipts.bounces.prose.sentences import NarratedFailure, failures_in, reason_text
from mailer.receipts.bounces.report import Report, Traces
from mailer.receipts.bounces.vocabulary.reasons import best_status, explicit_reason, reason_of
from mailer.receipts.bounces.vocabulary.signs import DELAYED, FINAL

_LINK: Final = re.compile(r"https?://([\w.-]{3,100})")


def by_prose(mail: Mail) -> tuple[Report, ...]:
    """A report on each recipient that the notice names."""
    if not looks_like_a_bounce(mail.entity, mail.notice, mail.sent_to):
        return ()
    subject = mail.fields.words("subject")
    # A message without the wording of a bounce has to give a reason at least.
    worded_as_bounce = has_bounce_wording(mail.fields, mail.notice)
    failures = [
        found
        for found in failures_in(mail.notice, mail.fields, mail.sent_to)
        if worded_as_bounce or explicit_reason(found.text) or explicit_reason(subject)
    ]
    if worded_as_bounce and not failures:
        notice_text = reason_text(mail.notice)
        failures = [
            NarratedFailure(address, notice_text) for address in failed_addresses(mail.octets)
        ]
    text = f"{subject}\n{mail.notice.text[:8000]}"
    delayed = DELAYED.search(text) is not None and FINAL.search(text) is None
    traces = mail.traces()
    # A code that stands far from the address can only be about it when there is no other.
    status = best_status("", text) if len(failures) == 1 else ""
    # A notice in a language that nobody wrote phrases for still links to its provider's help.
    links = " ".join(_LINK.findall(text.lower())[:10])
    return tuple(
        _of_prose(found, subject, status, links, traces, delayed=delayed) for found in failures
    )


def _of_prose(
    found: NarratedFailure, subject: str, status: str, links: str, traces: Traces, *, delayed: bool
) -> Report:
    explicit = explicit_reason(found.text)
    text, hosts = (found.text, "") if explicit else (f"{found.text} {subject}", links)
    status = best_status("", found.text) or status
    return failure(
        found.address, reason_of(text, status, hosts), status, found.text, traces, delayed=delayed
    )
