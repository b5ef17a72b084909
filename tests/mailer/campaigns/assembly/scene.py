"""A newsletter with a template and a schedule, and a library to fill its issues from."""

from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.membership.categories import ensure_categories
from contacts.models import Newsletter, Organisation
from contacts.organisations.adding import add_organisation
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.campaigns import due as steps
from mailer.campaigns import schedules
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.campaigns.starting import templates
from mailer.clock import UK
from mailer.models import AssembledPart, Campaign, CampaignKind, LibraryItem, PullIn, Schedule
from mailer.settings.environment import Gate
from mailer.worker.steps_at_work import take_step
from tests.factories import ITEMS, TESTER, TOKENS, a_newsletter

MADE: Final = datetime(2026, 11, 11, 9, 0, tzinfo=UTC)
DRAFTED: Final = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
SENT: Final = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)

FRAME: Final[list[dict[str, Any]]] = [
    {"id": "top", "type": "masthead", "title": "News", "date": ""},
    {"id": "foot", "type": "footer", "legal_name": "N", "postal_address": "A", "why": "W"},
]
BLOCKS: Final[list[dict[str, Any]]] = [
    FRAME[0],
    {"id": "s1", "type": "story", "layout": "lead", "if_unwritten": "leave out"},
    {"id": "s2", "type": "story", "if_unwritten": "leave out"},
    {"id": "events", "type": "event_list", "heading": "Coming up", "if_unwritten": "leave out"},
    {"id": "new", "type": "member_welcome", "heading": "Welcome", "if_unwritten": "leave out"},
    {"id": "social", "type": "social_links", "locked": True},
    FRAME[1],
]


def a_schedule(
    session: Session,
    blocks: list[dict[str, Any]] | None = None,
    *,
    slug: str = "members-update",
    pulls_in: tuple[PullIn, ...] = tuple(PullIn),
) -> Schedule:
    """Second Tuesdays at ten, with this template."""
    newsletter: Newsletter = a_newsletter(session, slug)
    template = templates.make(session, newsletter, "Monthly", actor=TESTER, now=MADE)
    template.document = {"version": 1, "blocks": BLOCKS if blocks is None else blocks}
    comes = Recurrence(NthWeekday(2, 1), "10:00", UK, date(2026, 1, 1))
    plan = Plan(comes, None, 21, "Update, {month} {year}", pulls_in=pulls_in)
    return schedules.make(session, newsletter, plan, now=MADE)


def ready(
    session: Session, kind: str, at: datetime, *, of: Organisation | None = None, **fields: str
) -> LibraryItem:
    """An item that was made ready at this time."""
    written = WrittenItem({**ITEMS[kind], **fields}, of.id if of else None)
    item = items.make(session, kind, written, actor=TESTER, now=at)
    return items.make_ready(session, item.id, actor=TESTER, now=at)


def joined(session: Session, name: str, since: date | None, category: str = "full") -> Organisation:
    """An organisation whose membership began on this day."""
    held = ensure_categories(session)[category]
    made = add_organisation(session, name, category=held, now=MADE)
    made.member_since = since
    session.flush()
    return made


def run(database: Database, now: datetime) -> None:
    """What the sweep does at ``now``."""
    while True:
        with database.reading() as session:
            due = steps.due(session, now=now)
        if not due:
            return
        for step_id in due:
            with database.writing() as session:
                take_step(session, step_id, gate=Gate.OPEN, site="", tokens=TOKENS, now=now)


def issues(session: Session) -> list[Campaign]:
    """The issues, the first one first."""
    made = select(Campaign).where(Campaign.kind == CampaignKind.ISSUE)
    return list(session.scalars(made.order_by(Campaign.id)))


def parts(session: Session, issue: Campaign) -> list[AssembledPart]:
    """What an issue was filled with."""
    of_it = select(AssembledPart).where(AssembledPart.campaign_id == issue.id)
    return list(session.scalars(of_it.order_by(AssembledPart.id)))


def blocks_of(issue: Campaign, kind: str) -> list[dict[str, Any]]:
    """The blocks of a kind."""
    return [each for each in issue.document["blocks"] if each["type"] == kind]


def block(issue: Campaign, block_id: str) -> dict[str, Any]:
    """One block."""
    return next(each for each in issue.document["blocks"] if each["id"] == block_id)
