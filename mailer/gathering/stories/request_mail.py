"""The mail that asks for a story: whose it is, what it says, and how it looks to one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from contacts.models import Contact, Newsletter
from contacts.permission.newsletters import listing
from mailer.authoring.text.dates import day_words
from mailer.composition.system_texts import system_text
from mailer.errors import NotAllowed
from mailer.gathering.stories import links
from mailer.models import Campaign, StoryAsk
from mailer.notices import posting
from mailer.security.tokens import Tokens

ASKED: Final = "story_asked"  # the mails, by their folders
REMINDED: Final = "story_reminder"
# What a request says, until somebody writes something else.
TITLE: Final = "What happened where you are"
WORDS: Final = (
    "We would like to tell other members what happened where you are: something that worked, "
    "somebody to meet, a date to share.\n\n"
    "A few sentences and a picture are enough. We do the rest."
)
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


def preview(
    session: Session, written: WrittenRequest, person: Contact, *, link: str
) -> tuple[str, tuple[str, ...], str, str]:
    """The mail as this person would get it: subject, paragraphs, words of the button, closing."""
    text = system_text(ASKED, **mail_of(session, written, person, link=link))
    return text.subject, text.paragraphs, text.button_words, text.closing


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


def paragraphs(words: str) -> tuple[str, str, str]:
    """What an officer wrote as the paragraphs that the mail has room for."""
    said = [" ".join(each.split()) for each in words.replace("\r", "").split("\n\n")]
    said = [each for each in said if each]
    rest = " ".join(said[_PARAGRAPHS - 1 :])
    first, second = [*said[: _PARAGRAPHS - 1], "", ""][: _PARAGRAPHS - 1]
    return first, second, rest


def sender_of(session: Session, campaign_id: int | None) -> Newsletter:
    """In whose name stories for this issue are asked for."""
    campaign = session.get(Campaign, campaign_id) if campaign_id is not None else None
    if campaign is not None:
        return session.get_one(Newsletter, campaign.newsletter_id)
    newsletters = listing(session)
    if not newsletters:
        raise NotAllowed("There is no newsletter yet in whose name you could ask. Add one first.")
    return newsletters[0]


def post(
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
