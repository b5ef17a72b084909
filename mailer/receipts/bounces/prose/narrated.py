"""Reports out of prose, once the message looks like a bounce and says that it is one."""

from mailer.receipts.bounces.failures import failure
from mailer.receipts.bounces.mail import Mail
from mailer.receipts.bounces.prose.evidence import looks_like_a_bounce, says_so
from mailer.receipts.bounces.prose.net import caught_in
from mailer.receipts.bounces.prose.sentences import Told, told_in, words_of
from mailer.receipts.bounces.report import Report, Traces
from mailer.receipts.bounces.vocabulary.reasons import best_status, reason_of, told_reason
from mailer.receipts.bounces.vocabulary.signs import DELAYED, FINAL


def by_prose(mail: Mail) -> tuple[Report, ...]:
    """A report on each recipient that the notice names."""
    if not looks_like_a_bounce(mail.entity, mail.notice, mail.sent_to):
        return ()
    subject = mail.fields.words("subject")
    plain = says_so(mail.fields, mail.notice)  # else it has to give a reason at least
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
    return failure(
        told.address, reason_of(words, status), status, told.words, traces, delayed=delayed
    )
