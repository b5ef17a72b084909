"""Asking for stories: a request is written, and a mail goes to each person, one to one."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from mailer.campaigns.timing import goes_out_at
from mailer.clock import wall_of
from mailer.errors import FormError, NotFound
from mailer.gathering.stories.choosing import MOST, AskedPeople, WantedPeople, choose
from mailer.gathering.stories.request_mail import ASKED, WrittenRequest, post, sender_of
from mailer.models import Campaign, Schedule, StoryAsk, StoryRequest
from mailer.network.details import zone
from mailer.security.tokens import Tokens

KIND: Final = "story request"  # in the audit
LONGEST_TITLE: Final = 150
LONGEST_WORDS: Final = 4_000
_LONGEST_AHEAD: Final = timedelta(days=366)


def dates_for(session: Session, campaign: Campaign | None, *, today: date) -> tuple[date, date]:
    """By when stories would be wanted for an issue, and when to remind: by its schedule's days.
    Of no issue, in nine days."""
    schedule = None
    if campaign is not None and campaign.schedule_id is not None:
        schedule = session.get(Schedule, campaign.schedule_id)
    at = goes_out_at(campaign) if campaign is not None else None
    if schedule is None or at is None:
        return today + timedelta(days=9), today + timedelta(days=7)
    due = wall_of(at, schedule.zone).date() - timedelta(days=schedule.stories_days_before)
    due = max(due, today + timedelta(days=1))
    before = max(1, (schedule.ask_days_before - schedule.stories_days_before) // 4)
    return due, max(due - timedelta(days=before), today)


def problems(written: WrittenRequest, *, today: date) -> list[tuple[str, str]]:
    """What is in the way of asking: field and sentence."""
    found = []
    if not written.title.strip() or len(written.title) > LONGEST_TITLE:
        found.append(("title", f"Say what you ask for, in at most {LONGEST_TITLE} characters."))
    if not written.words.strip() or len(written.words) > LONGEST_WORDS:
        found.append(
            ("words", f"Write what the mail says, in at most {LONGEST_WORDS:,} characters.")
        )
    if written.due_on <= today:
        found.append(("due_on", "Give them at least until tomorrow."))
    elif written.due_on > today + _LONGEST_AHEAD:
        found.append(("due_on", "Choose a day within a year."))
    if written.remind_on is not None and not today <= written.remind_on < written.due_on:
        found.append(("remind_on", "Remind them before the day by which you ask, from today on."))
    return found


def ask(
    session: Session,
    written: WrittenRequest,
    wanted: WantedPeople,
    *,
    site: str,
    tokens: Tokens,
    actor: Actor,
    now: datetime,
) -> StoryRequest:
    """Ask everybody whom ``wanted`` means; whoever gets no mail is kept with the reason.

    FormError where it can't be asked so; NotAllowed without a newsletter to ask in the name of.
    """
    today = wall_of(now, zone(session)).date()
    sender = sender_of(session, written.campaign_id)
    if wrong := problems(written, today=today):
        raise FormError(wrong)
    chosen = choose(session, wanted, today=today)
    if wrong := nobody(chosen):
        raise FormError(wrong)
    request = StoryRequest(
        title=" ".join(written.title.split()),
        words=written.words.strip(),
        newsletter_id=sender.id,
        campaign_id=written.campaign_id,
        due_on=written.due_on,
        remind_on=written.remind_on,
        thanks=written.thanks,
        asked_by=str(actor),
        asked_at=now,
    )
    session.add(request)
    session.flush()
    for each in chosen.people:
        asked = StoryAsk(
            request_id=request.id,
            contact_id=each.contact.id,
            organisation_id=each.organisation.id if each.organisation else None,
            left_out=each.left_out.value if each.left_out else None,
            answer={},
        )
        asked.request, asked.contact = request, each.contact
        session.add(asked)
        session.flush()
        if each.left_out is None:
            post(session, ASKED, asked, sender, site=site, tokens=tokens, now=now)
    number = len(chosen.asked)
    audit.write(session, "stories asked for", KIND, request.id, actor=actor, now=now, asked=number)
    return request


def nobody(chosen: AskedPeople) -> list[tuple[str, str]]:
    """What is wrong with whom it would go to: field and sentence."""
    if len(chosen.people) > MOST:
        number = len(chosen.people)
        return [("who", f"Ask at most {MOST} people at once: these are {number:,}.")]
    if not chosen.asked:
        return [("who", "Nobody of these can be asked by email. Choose others.")]
    return []


def find(session: Session, request_id: int) -> StoryRequest:
    """One request; NotFound for a wrong number."""
    found = session.get(StoryRequest, request_id)
    if found is None:
        raise NotFound("There is no such request.")
    return found
