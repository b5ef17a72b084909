"""Asking for stories: a request is written, and a mail goes to each person, one to one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts import audit
from contacts.actors import Actor
from contacts.models import Contact, Newsletter
from contacts.permission.newsletters import listing
from contacts.permission.suppressions import find as suppression_of
from mailer.authoring.text.dates import day_words
from mailer.campaigns.timing import goes_out_at
from mailer.clock import wall_of
from mailer.composition.system_texts import system_text
from mailer.errors import FormError, NotAllowed, NotFound
from mailer.gathering.stories import links
from mailer.gathering.stories.choosing import MOST, AskedPeople, WantedPeople, choose
from mailer.models import Campaign, Schedule, StoryAsk, StoryRequest
from mailer.network.details import zone
from mailer.notices import posting
from mailer.security.tokens import Tokens

ASKED: Final = "story_asked"  # the mails, by their folders
REMINDED: Final = "story_reminder"
KIND: Final = "story request"  # in the audit
LONGEST_TITLE: Final = 150
LONGEST_WORDS: Final = 4_000
_LONGEST_AHEAD: Final = timedelta(days=366)
_BETWEEN_MAILS: Final = timedelta(hours=20)
_PARAGRAPHS: Final = 3


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """What is asked, for which issue, by when, and whether whoever is silent is asked again."""

    title: str
    words: str
    due_on: date
    remind_on: date | None = None
    campaign_id: int | None = None
    thanks: bool = False


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
            _post(session, ASKED, asked, sender, site=site, tokens=tokens, now=now)
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


def chase(
    session: Session, ask_id: int, *, site: str, tokens: Tokens, actor: Actor, now: datetime
) -> StoryAsk:
    """Ask one person once more, who has not answered. NotAllowed where that is not so any more,
    where they may not be written to, or were within the day."""
    asked = _locked(session, ask_id)
    if why := why_not_again(session, asked, now=now):
        raise NotAllowed(why)
    asked.chased_at = now
    remind(session, asked, site=site, tokens=tokens, now=now)
    audit.write(session, "story chased", KIND, asked.request_id, actor=actor, now=now, ask=asked.id)
    return asked


def chase_all(
    session: Session, request_id: int, *, site: str, tokens: Tokens, actor: Actor, now: datetime
) -> tuple[int, int]:
    """The same for everybody who has not answered: how many were asked, and how many not."""
    silent = session.scalars(
        select(StoryAsk.id)
        .where(
            StoryAsk.request_id == request_id,
            StoryAsk.answered_at.is_(None),
            StoryAsk.declined_at.is_(None),
        )
        .order_by(StoryAsk.id)
    ).all()
    asked = 0
    for ask_id in silent:
        try:
            chase(session, ask_id, site=site, tokens=tokens, actor=actor, now=now)
        except NotAllowed:
            continue
        asked += 1
    return asked, len(silent) - asked


def why_not_again(session: Session, asked: StoryAsk, *, now: datetime) -> str:
    """Why somebody is not to be asked once more, in a sentence; "" if they may be."""
    who = asked.contact.name or asked.contact.email or "This person"
    today = wall_of(now, zone(session)).date()
    if asked.answered_at or asked.declined_at:
        return f"{who} has answered."
    if not asked.contact.address_key or suppression_of(session, asked.contact.address_key):
        return f"{who} can’t be written to."
    if not links.is_open(asked.request, today):
        return "The link has ended: ask anew, with another day."
    last = max(filter(None, (asked.chased_at, asked.reminded_at, asked.request.asked_at)))
    if asked.left_out is None and now - _BETWEEN_MAILS < last <= now:
        return f"{who} was written to within the last day."
    return ""


def remind(session: Session, asked: StoryAsk, *, site: str, tokens: Tokens, now: datetime) -> None:
    """Write the mail that asks once more."""
    sender = session.get_one(Newsletter, asked.request.newsletter_id)
    what = ASKED if asked.left_out else REMINDED
    asked.left_out = None
    _post(session, what, asked, sender, site=site, tokens=tokens, now=now)


def sender_of(session: Session, campaign_id: int | None) -> Newsletter:
    """In whose name stories for this issue are asked for."""
    campaign = session.get(Campaign, campaign_id) if campaign_id is not None else None
    if campaign is not None:
        return session.get_one(Newsletter, campaign.newsletter_id)
    newsletters = listing(session)
    if not newsletters:
        raise NotAllowed("There is no newsletter yet in whose name you could ask. Add one first.")
    return newsletters[0]


def mail_of(
    session: Session, written: WrittenRequest, person: Contact, *, link: str
) -> Mapping[str, str]:
    """What fills the places of the mail."""
    campaign = session.get(Campaign, written.campaign_id) if written.campaign_id else None
    first, second, third = paragraphs(written.words)
    return {
        "title": written.title,
        "hello": person.first_name,
        "first": first,
        "second": second,
        "third": third,
        "issue": campaign.name if campaign else "",
        "due": day_words(written.due_on),
        "until": day_words(written.due_on + links.OPEN_FOR),
        "link": link,
    }


def preview(
    session: Session, written: WrittenRequest, person: Contact, *, link: str
) -> tuple[str, tuple[str, ...], str, str]:
    """The mail as this person would get it: subject, paragraphs, words of the button, closing."""
    text = system_text(ASKED, **mail_of(session, written, person, link=link))
    return text.subject, text.paragraphs, text.button_words, text.closing


def paragraphs(words: str) -> tuple[str, str, str]:
    """What an officer wrote as the paragraphs that the mail has room for."""
    said = [" ".join(each.split()) for each in words.replace("\r", "").split("\n\n")]
    said = [each for each in said if each]
    rest = " ".join(said[_PARAGRAPHS - 1 :])
    first, second = [*said[: _PARAGRAPHS - 1], "", ""][: _PARAGRAPHS - 1]
    return first, second, rest


def find(session: Session, request_id: int) -> StoryRequest:
    """One request; NotFound for a wrong number."""
    found = session.get(StoryRequest, request_id)
    if found is None:
        raise NotFound("There is no such request.")
    return found


def _locked(session: Session, ask_id: int) -> StoryAsk:
    found = session.scalar(
        select(StoryAsk)
        .where(StoryAsk.id == ask_id)
        .options(joinedload(StoryAsk.request), joinedload(StoryAsk.contact))
        .with_for_update(of=StoryAsk)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("Nobody was asked under that number.")
    return found


def _post(
    session: Session,
    what_happened: str,
    asked: StoryAsk,
    sender: Newsletter,
    *,
    site: str,
    tokens: Tokens,
    now: datetime,
) -> None:
    request, person = asked.request, asked.contact
    written = WrittenRequest(
        request.title, request.words, request.due_on, campaign_id=request.campaign_id
    )
    link = links.address(site, tokens, asked)
    notice = posting.post(
        session,
        what_happened,
        to_address=person.email or "",
        to_name=person.name,
        sender=sender,
        now=now,
        **mail_of(session, written, person, link=link),
    )
    asked.mail_id = notice.id
