"""Whether a message may be a bounce at all: prose is judged only when the envelope speaks for it.

A person may quote a bounce, and a newsletter may be about them; neither comes from a mail system.
"""

from mailer.receipts.bounces.automatic import is_automatic_reply
from mailer.receipts.bounces.parts.addresses import found_in
from mailer.receipts.bounces.parts.entities import Entity
from mailer.receipts.bounces.parts.fields import Fields
from mailer.receipts.bounces.prose.notices import BounceNotice
from mailer.receipts.bounces.traces import destinations
from mailer.receipts.bounces.vocabulary.signs import ANSWER, AWAY, DAEMON, OPENING, SUBJECT

_LONGEST_OPENING = 8000  # characters within which a notice says that it is a bounce
_OTHER_REPORTS = frozenset({"disposition-notification", "feedback-report"})


def looks_like_a_bounce(entity: Entity, notice: BounceNotice, sent_to: str = "") -> bool:
    """Whether a mail system seems to have sent this about a message of ours."""
    fields = entity.fields
    subject = fields.words("subject")
    worded_as_bounce = has_bounce_wording(fields, notice)
    if AWAY.match(subject) and not is_report(entity):
        return False
    if is_from_a_daemon(fields):
        return (
            worded_as_bounce or is_report(entity) or notice.has_copy or has_null_return_path(fields)
        )
    if fields.has("list-id", "list-unsubscribe", "list-post"):
        return False
    if is_automatic_reply(fields) and not is_report(entity):  # those have null return paths, too
        return fields.has("x-failed-recipients")
    if has_null_return_path(fields) or _came_to_a_return_path(fields, sent_to):
        return worded_as_bounce
    return _looks_like_one_by_itself(entity, notice, subject)


def has_bounce_wording(fields: Fields, notice: BounceNotice) -> bool:
    """Whether its header, subject or opening has the wording of a bounce."""
    return (
        fields.has("x-failed-recipients")
        or SUBJECT.search(fields.words("subject")) is not None
        or _opens_like_a_bounce(notice)
    )


def _looks_like_one_by_itself(entity: Entity, notice: BounceNotice, subject: str) -> bool:
    """Whether a message from anybody to anybody is one, and not what a person wrote about one."""
    if ANSWER.match(subject) or entity.fields.has("user-agent", "in-reply-to"):
        return False
    if is_report(entity) or entity.fields.has("x-failed-recipients"):
        return True
    return notice.has_copy and SUBJECT.search(subject) is not None and _opens_like_a_bounce(notice)


def is_report(entity: Entity) -> bool:
    """Whether it says of itself that it reports on a delivery (RFC 6522)."""
    kind = entity.parameters.get("report-type", "").lower()
    return entity.media == "multipart/report" and kind not in _OTHER_REPORTS


def is_from_a_daemon(fields: Fields) -> bool:
    """Whether the sender has the name of a mail system."""
    # A newsletter's Sender and return path have "bounces" in them too; its From field has not.
    behind = f"{fields.first('sender')} {fields.first('return-path')}".lower()
    return "mailer-daemon" in behind or DAEMON.search(fields.words("from")[:400]) is not None


def has_null_return_path(fields: Fields) -> bool:
    """Whether it came with the return path that bounces have (RFC 5321 4.5.5)."""
    paths = fields.every("return-path")[:1]
    return any(path.strip() in {"<>", ""} or not found_in(path) for path in paths)


def _came_to_a_return_path(fields: Fields, sent_to: str) -> bool:
    """Whether it was sent where only mail systems write: people answer the From field."""
    named = destinations(fields, sent_to)
    return any(
        address.lower().startswith(("b+", "n+")) for value in named for address in found_in(value)
    )


def _opens_like_a_bounce(notice: BounceNotice) -> bool:
    return OPENING.search(notice.text[:_LONGEST_OPENING]) is not None
