"""What happened to an issue, the newest first: the lines of the audit in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Subject
from contacts.models import AuditEntry
from mailer.accounts.naming import name_of
from mailer.clock import UK, zone_words
from mailer.models import Campaign
from mailer.web.shell import wall

WORDS: Final[Mapping[str, str]] = {
    "issue made": "Draft made",
    "issue filled": "Filled from the library",
    "issue renamed": "Renamed",
    "issue submitted": "Sent for approval",
    "issue sent back": "Changes were asked for",
    "issue moved": "The audience had moved since the approval",
    "issue approved in part": "Approved by one of those who all have to",
    "issue passed on": "The approval was passed on",
    "issue given to": "Given to another owner",
    "issue commented on": "Commented",
    "issue comment resolved": "A comment was resolved",
    "issue taken back": "Taken back to a draft",
    "issue tested": "A test was sent",
    "issue test read": "A test was found to be right",
    "issue approved": "Approved",
    "issue finding left as fine": "A check was said to be fine",
    "issue scheduled": "Scheduled",
    "issue given a time": "Given a time to go out",
    "issue left without a time": "Its time was taken away",
    "issue held": "Held",
    "issue skipped": "Skipped",
    "issue put back": "Put back",
    "issue binned": "Put in the bin",
    "issue launched": "Sending began",
    "issue paused": "Paused",
    "issue resumed": "Went on",
    "issue stopped": "Stopped for good",
    "issue sent": "Sent",
    "issue finished": "The last copy had its outcome",
    "issue correction begun": "A correction by email was begun",
    "issue corrected": "Its page in the archive was corrected",
    "issue settled": "Its report became final",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: what, by whom, when."""

    words: str
    who: str
    at: datetime


def history(session: Session, issue: Campaign, *, most: int) -> list[Happening]:
    """The newest ``most`` things that happened."""
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == Subject("campaign", issue.id))
        .order_by(AuditEntry.id.desc())
        .limit(most)
    )
    return [
        Happening(_words(each.act, each.detail), name_of(session, each.actor), each.at)
        for each in entries
    ]


def _words(act: str, detail: Mapping[str, Any]) -> str:
    words = WORDS.get(act, act.removeprefix("issue ").capitalize())
    if detail.get("by_author"):
        words = "Approved by the author"
    if version := detail.get("version"):
        return f"{words}, version {version}"
    if name := detail.get("name"):
        return f"{words}: {name}"
    if time := detail.get("wall"):
        return f"{words}: {wall(str(time))} {zone_words(str(detail.get('zone', UK)))}"
    return words
