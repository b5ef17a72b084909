"""What waits for the person who is signed in, beside the issue: one row each, with what to do."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import url_for
from sqlalchemy import func, select

from contacts.models import Suppression, SuppressionReason
from mailer.accounts import operators
from mailer.authoring.library.listing import ItemStanding, WantedItems, count_standings
from mailer.campaigns import approval, editing
from mailer.gathering.stories import answering
from mailer.models import Campaign, CampaignStatus, Power
from mailer.operations import readiness
from mailer.receipts.incoming.unreadable import UnreadableMail
from mailer.web.admin.newsletters.finding import link
from mailer.web.policy import acting, may
from mailer.web.shell import in_words
from mailer.web.transactions import session, this_mailer

_RECENT: Final = timedelta(days=14)
_MOST_STORIES: Final = 5
_MOST_ISSUES: Final = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row; without ``url`` it is to be mended outside of these pages."""

    words: str
    hint: str = ""
    verb: str = ""
    url: str = ""
    drawing: str = "warn"


def waiting() -> list[Waiting]:
    """Everything that this person can do something about."""
    found = []
    if may(Power.ADMIN):
        found += [*_out_of_order(), *_unreached()]
    if may(Power.EDITOR):
        found += _held()
    if may(Power.APPROVER):
        found += _to_approve()
    if may(Power.EDITOR):
        found += [*_stories(), *_in_the_library(), *_bouncing(), *_to_look_at()]
    return found


def _out_of_order() -> list[Waiting]:
    here = this_mailer()
    sentences = readiness.sentences(readiness.host_state(here.settings, now=here.clock()))
    return [Waiting(each) for each in sentences]


def _unreached() -> list[Waiting]:
    since = this_mailer().clock() - _RECENT
    return [
        Waiting(
            f"An email to {person.name} came back: there is nobody at {person.email}.",
            "They can’t sign in by email until they have another address.",
            drawing="mail",
        )
        for person in operators.unreached(session(), since=since)
    ]


def _stories() -> list[Waiting]:
    came = answering.waiting(session(), most=_MOST_STORIES + 1)
    if len(came) > _MOST_STORIES:
        return [
            Waiting(
                f"More than {_MOST_STORIES} stories came in",
                "Nobody has looked at them yet.",
                "See them",
                url_for("library.show_all", state="draft"),
                "note",
            )
        ]
    return [
        Waiting(
            f"A story came in: {each.item.title}",
            each.organisation.name if each.organisation else each.contact.name,
            "Read it",
            url_for("library_items.show", item_id=each.item.id),
            "note",
        )
        for each in came
        if each.item
    ]


def _held() -> list[Waiting]:
    """Issues that were not sent, and wait for somebody to decide."""
    found = session().scalars(
        select(Campaign)
        .where(Campaign.status == CampaignStatus.HELD)
        .options(*editing.WITH_WHAT_IS_APPROVED)
        .order_by(Campaign.send_wall, Campaign.id)
        .limit(_MOST_ISSUES)
    )
    return [
        Waiting(
            f"{each.name} was not sent.",
            each.trouble or "",
            "Decide",
            link("issues.show", each),
            "pause",
        )
        for each in found
    ]


def _in_the_library() -> list[Waiting]:
    """What came in and nobody has looked at, and what was promised and is not there."""
    there = count_standings(session(), WantedItems())
    rows = (
        (ItemStanding.DRAFT, "in the library to be looked at", "What is fine is marked ready."),
        (
            ItemStanding.ASKED,
            "promised and not in yet",
            "They appear in the library by themselves.",
        ),
    )
    found = []
    for standing, words, hint in rows:
        if number := there.get(standing, 0):
            url = url_for("library.show_all", state=standing.value)
            things = "1 thing is" if number == 1 else f"{number:,} things are"
            found.append(Waiting(f"{things} {words}", hint, "Open", url, "note"))
    return found


def _bouncing() -> list[Waiting]:
    """Addresses that nobody is at, since the last issue went out."""
    since = session().scalar(select(func.max(Campaign.started_at)))
    if since is None:
        return []
    number = session().scalar(
        select(func.count())
        .select_from(Suppression)
        .where(Suppression.reason == SuppressionReason.BOUNCED, Suppression.at >= since)
    )
    if not number:
        return []
    words = "1 address bounces" if number == 1 else f"{number:,} addresses bounce"
    url = url_for("suppressions.show_all", reason=SuppressionReason.BOUNCED.value)
    hint = "Left out until somebody mends them."
    return [Waiting(f"{words} since the last issue", hint, "Open", url)]


def _to_approve() -> list[Waiting]:
    """Issues that wait for the approval of whoever looks."""
    found = session().scalars(
        select(Campaign)
        .where(Campaign.status == CampaignStatus.WAITING)
        .options(*editing.WITH_WHAT_IS_APPROVED)
        .order_by(Campaign.send_wall.is_(None), Campaign.send_wall, Campaign.id)
        .limit(_MOST_ISSUES)
    )
    return [
        Waiting(
            f"Version {each.version} of {each.name} waits for your approval.",
            f"It goes out {in_words(each.goes_out_at)}." if each.goes_out_at else "",
            "Read and approve",
            link("sending.approval", each),
            "clock",
        )
        for each in found
        if each.lapse and not approval.refusal(session(), each, acting())
    ]


def _to_look_at() -> list[Waiting]:
    number = UnreadableMail(this_mailer().settings.incoming_dir).count()
    if not number:
        return []
    words = (
        "1 mail that came back makes no sense to us"
        if number == 1
        else f"{number:,} mails that came back make no sense to us"
    )
    url = url_for("unreadable_mail.show_all")
    return [Waiting(words, "Please have a look.", "Look", url, "mail")]
