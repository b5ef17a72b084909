"""What a schedule does about stories by itself: asks whom it names, reminds once, and on the day by
which they are wanted tells its owner who answered and who did not.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import SCHEDULE
from mailer.campaigns.timeline.moments import reminder_of_stories
from mailer.campaigns.timeline.replanning import month_line
from mailer.clock import wall_of
from mailer.errors import FormError
from mailer.gathering.stories import asking, listing, reminding
from mailer.gathering.stories.choosing import WantedPeople
from mailer.gathering.stories.listing import AskState
from mailer.gathering.stories.request_mail import TITLE, WORDS, WrittenRequest
from mailer.models import (
    AskedByItself,
    Campaign,
    NewsKind,
    Schedule,
    StepKind,
    StoryAsk,
    StoryRequest,
)
from mailer.network import days_off
from mailer.network.details import zone
from mailer.notices.telling import tell
from mailer.notices.timeline import before
from mailer.notices.timeline.context import Doing, StepContext

_MOST_NAMES: Final = 8
_SAID: Final[Mapping[str, tuple[AskState, ...]]] = {
    "Answered": (AskState.ANSWERED,),
    "Declined": (AskState.DECLINED,),
    "Not answered": (AskState.ASKED, AskState.LATE),
    "Not reached": (AskState.CAME_BACK, AskState.NOT_SENT),
}


def ask_by_itself(step: StepContext) -> str:
    """Ask whom the schedule names, in the words that were used last; nobody where some have been
    asked for this issue already."""
    session, issue = step.session, step.campaign
    schedule = session.get(Schedule, issue.schedule_id) if issue.schedule_id else None
    if schedule is None or schedule.asks is AskedByItself.NOBODY:
        return "nothing to do: nobody is asked for stories"
    if _requests(session, issue):
        return "nothing to do: stories were asked for already"
    last = _last(session, issue)
    wanted = wanted_of(session, schedule, last)
    if wanted.is_nobody:
        return _not_asked(step, "Nobody was asked before, so there is nobody to ask again.")
    today = wall_of(step.now, zone(session)).date()
    days = {each.name: each.day for each in month_line(session, issue)}
    due = days["stories"]
    reminded = reminder_of_stories(days["ask"], due, days_off.calendar(session))
    written = WrittenRequest(
        last.title if last else TITLE,
        last.words if last else WORDS,
        due,
        reminded if reminded and reminded >= today else None,
        campaign_id=issue.id,
        thanks=last.thanks if last else False,
    )
    try:
        asking.ask(
            session,
            written,
            wanted,
            site=step.site,
            tokens=step.tokens,
            actor=SCHEDULE,
            now=step.now,
        )
    except FormError as error:
        return _not_asked(step, str(error))
    asked = listing.asks_of(session, _requests(session, issue), today=today)
    went = sum(each.state is AskState.ASKED for each in asked)
    return f"asked {went} for stories by {due:%a} {due.day} {due:%b}"


def remind(step: StepContext) -> str:
    """Remind whoever was asked for this issue and has said nothing."""
    session = step.session
    requests = _requests(session, step.campaign)
    if not requests:
        return "nothing to do: nobody is asked for stories"
    silent = session.scalars(
        select(StoryAsk.id)
        .where(
            StoryAsk.request_id.in_(requests), StoryAsk.id.in_(reminding.due(session, now=step.now))
        )
        .order_by(StoryAsk.id)
    ).all()
    site, tokens, now = step.site, step.tokens, step.now
    reminded = sum(
        reminding.remind(session, each, site=site, tokens=tokens, now=now) for each in silent
    )
    return f"reminded {reminded}"


def stories_are_in(step: StepContext) -> str:
    """Tell the owner who answered and who did not, beside what the library has."""
    today = wall_of(step.now, zone(step.session)).date()
    requests = _requests(step.session, step.campaign)
    return before.stories_are_in(step, said=said_of(step.session, requests, today=today))


def said_of(session: Session, requests: Sequence[int], *, today: date) -> str:
    """ "Answered: Alice. Not answered: Bob and 3 more." "" where nobody was asked."""
    asks = listing.asks_of(session, requests, today=today) if requests else []
    said = []
    for words, states in _SAID.items():
        names = [
            each.ask.contact.name or each.ask.contact.email or "somebody"
            for each in asks
            if each.state in states
        ]
        if names:
            said.append(f"{words}: {_few(names)}.")
    return " ".join(said)


def wanted_of(session: Session, schedule: Schedule, last: StoryRequest | None) -> WantedPeople:
    """Whom the schedule means now."""
    match schedule.asks:
        case AskedByItself.QUIET:
            return WantedPeople(quiet_months=schedule.asks_quiet_months)
        case AskedByItself.AGAIN if last is not None:
            people = session.scalars(
                select(StoryAsk.contact_id)
                .where(StoryAsk.request_id == last.id)
                .order_by(StoryAsk.id)
            )
            return WantedPeople(people=tuple(people))
    return WantedPeople()


DOINGS: Final[Mapping[StepKind, Doing]] = {
    StepKind.ASK: ask_by_itself,
    StepKind.REMIND: remind,
    StepKind.STORIES: stories_are_in,
}


def _not_asked(step: StepContext, why: str) -> str:
    told = tell(
        step.session,
        [step.owner],
        NewsKind.STORIES,
        step.campaign,
        f"{step.step.kind.value} {step.step.occurrence}"[:40],
        news=f"{step.campaign.name}: nobody was asked for stories",
        more=f"{why} You can ask people yourself, from the library.",
        verb="Open the issue",
        site=step.site,
        now=step.now,
    )
    return f"nobody was asked: {why} {told}"


def _requests(session: Session, issue: Campaign) -> Sequence[int]:
    return session.scalars(
        select(StoryRequest.id)
        .where(StoryRequest.campaign_id == issue.id)
        .order_by(StoryRequest.id)
    ).all()


def _last(session: Session, issue: Campaign) -> StoryRequest | None:
    """The request in the name of its newsletter that was sent last."""
    return session.scalar(
        select(StoryRequest)
        .where(StoryRequest.newsletter_id == issue.newsletter_id)
        .order_by(StoryRequest.id.desc())
        .limit(1)
    )


def _few(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
