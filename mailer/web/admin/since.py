"""What happened to issues since somebody's last visit: the one line of it on Home."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import session as cookie
from flask import url_for
from flask_security import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from contacts.actors import ActorKind
from contacts.models import AuditEntry
from mailer.accounts import sessions
from mailer.accounts.naming import name_of
from mailer.models import Campaign, CampaignStatus, Notification, StoryAsk
from mailer.web.admin.newsletters.finding import link
from mailer.web.sessions import present
from mailer.web.transactions import session

_READ: Final = "since_read"  # in the browser, until the next sign-in
_MOST_LOOKED_AT: Final = 200
_MOST_NAMED: Final = 3
_WORDS: Final[Mapping[str, str]] = {
    "issue made": "was made",
    "issue submitted": "was sent for approval",
    "issue sent back": "was sent back for changes",
    "issue approved in part": "was approved in part",
    "issue approved": "was approved",
    "issue taken back": "was taken back to a draft",
    "issue commented on": "was commented on",
    "issue given a time": "was given a time to go out",
    "issue left without a time": "lost its time",
    "issue held": "was held",
    "issue skipped": "was skipped",
    "issue put back": "was put back",
    "issue launched": "began to go out",
    "issue paused": "was paused",
    "issue resumed": "went on",
    "issue stopped": "was stopped for good",
    "issue sent": "was sent",
    "issue corrected": "was corrected in the archive",
    "issue settled": "has its final report",
}


@dataclass(frozen=True, slots=True)
class SinceChange:
    """A part of the line: what it is about, where that is, and what became of it."""

    about: str
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Since:
    """The last visit, and what came after it."""

    at: datetime
    changes: list[SinceChange]


def since() -> Since | None:
    """What others did since the person who is asking was last here; None where there is nothing to
    say, or they have read it."""
    if cookie.get(_READ):
        return None
    at = sessions.last_visit(session(), present())
    changes = [*_of_issues(at), *_others(at)] if at else []
    return Since(at, changes) if at and changes else None


def mark_read() -> None:
    """Say it no more until the next visit."""
    cookie[_READ] = True


def _of_issues(at: datetime) -> Iterator[SinceChange]:
    """The newest thing about each issue; those that are not named are counted."""
    newest: dict[int, AuditEntry] = {}
    for entry in session().scalars(
        select(AuditEntry)
        .where(AuditEntry.at > at, AuditEntry.act.in_(_WORDS))
        .order_by(AuditEntry.id.desc())
        .limit(_MOST_LOOKED_AT)
    ):
        by = entry.actor
        if by.kind is not ActorKind.OPERATOR or by.id != current_user.id:
            newest.setdefault(entry.subject.id, entry)
    gone = (CampaignStatus.BINNED, CampaignStatus.TEMPLATE)
    there = Campaign.id.in_(newest), Campaign.status.not_in(gone)
    found = select(Campaign).where(*there).options(joinedload(Campaign.newsletter))
    issues = {each.id: each for each in session().scalars(found)}
    told = [(issues[number], entry) for number, entry in newest.items() if number in issues]
    for issue, entry in told[:_MOST_NAMED]:
        words = _WORDS[entry.act]
        if entry.actor.kind is ActorKind.OPERATOR and words.startswith("was "):
            words = f"{words} by {name_of(session(), entry.actor)}"
        yield SinceChange(issue.name, link("issues.show", issue), words)
    if more := len(told[_MOST_NAMED:]):
        about = "1 more issue" if more == 1 else f"{more} more issues"
        yield SinceChange(about, url_for("issues.show_all"), "changed")


def _others(at: datetime) -> Iterator[SinceChange]:
    """How many stories came in, and how many things were told that are unread."""
    stories = select(func.count()).select_from(StoryAsk).where(StoryAsk.answered_at > at)
    if number := session().scalar(stories):
        about = "1 story" if number == 1 else f"{number:,} stories"
        yield SinceChange(about, url_for("story_requests.show_all"), "came in")
    told = select(func.count()).select_from(Notification)
    mine = Notification.operator_id == current_user.id, Notification.read_at.is_(None)
    if number := session().scalar(told.where(*mine, Notification.at > at)):
        about = "1 notification" if number == 1 else f"{number:,} notifications"
        yield SinceChange(about, url_for("notifications.show_all"), "came for you")
