"""The demo network: invented councils and people, grown from a seed so that the numbers add up.

The audience of Members' Update is 1,310: 1,204 will receive it and 106 won't, each for one reason.
Nothing here is a real council, person or address; every domain ends in ``.example``.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.models import Contact, Newsletter, Segment
from contacts.permission.newsletters import add_newsletter
from mailer.accounts import operators
from mailer.authoring.pictures import library
from mailer.authoring.pictures.shaping import shape
from mailer.authoring.pictures.store import PictureFolder
from mailer.bootstrap import Mailer
from mailer.campaigns import brands, editing, schedules, timing
from mailer.campaigns.brands import BrandDetails
from mailer.campaigns.recurrence import rrules
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.campaigns.starting import frames, templates
from mailer.clock import UK, wall_of
from mailer.demo import library as demo_library
from mailer.demo import stories
from mailer.demo.content import PICTURE_WORDS, PREVIEW_TEXT, SUBJECT, december_issue
from mailer.demo.people import People
from mailer.demo.skeleton import skeleton
from mailer.models import Installation, Power, Schedule
from mailer.network.public_pages import PublicPage
from mailer.settings.environment import Gate

NETWORK: Final = "Co-op Councils Network"
_DEMO: Final = Actor(ActorKind.DEMO)
_ADDRESS: Final = "Network House, 1 Commons Row, Northhaven NH1 1AA"

_SEGMENTS: Final = (
    ("full-members", "Full members", [("category", ["full"])]),
    ("full-and-associate", "Full and Associate", [("category", ["full", "associate"])]),
    (
        "leaders-and-lead-officers",
        "Leaders and lead officers, Full and Associate",
        [("category", ["full", "associate"]), ("role", ["leader", "lead-officer"])],
    ),
    ("supporters", "Supporters", [("category", ["supporter"])]),
    ("press-contacts", "Press contacts", [("role", ["press-contact"])]),
)


def load(mailer: Mailer) -> dict[str, Any]:
    """Make the network in an empty database; a database with anybody in it is left alone."""
    now = mailer.clock()
    with mailer.database.writing() as session:
        if session.scalar(select(Contact.id).limit(1)) or session.get(Installation, 1):
            return {"loaded": False, "contacts": 0}
        session.add(
            Installation(
                id=1,
                network_name=NETWORK,
                postal_address=_ADDRESS,
                public_pages=" ".join(PublicPage),
                created_at=now,
            )
        )
        newsletter = _newsletters(session, now)
        _segments(session, now)
        People(session, newsletter, now).make()
        pictures = _pictures(session, mailer.settings.pictures_dir, now)
        brands.change_brand(session, newsletter, _brand(pictures), actor=_DEMO, now=now)
        _operators(session, now)
        campaign_id = _issue(session, newsletter, pictures, now)
        contacts = session.scalar(select(func.count()).select_from(Contact))
    return {"loaded": True, "contacts": contacts, "campaign": campaign_id}


def _newsletters(session: Session, now: datetime) -> Newsletter:
    for slug, name, description, frequency in (
        (
            "members-update",
            "Members' Update",
            "Case studies, labs, events and new members.",
            "monthly",
        ),
        (
            "events-and-webinars",
            "Events and webinars",
            "When there is something within four weeks.",
            "when there is something",
        ),
        (
            "policy-labs-and-funding",
            "Policy Labs and funding",
            "Calls with a deadline, and what came of the last ones.",
            "about 6 a year",
        ),
    ):
        made = add_newsletter(
            session,
            slug=slug,
            name=name,
            description=description,
            frequency=frequency,
            from_name=NETWORK,
            from_address="update@network.example",
            postal_address=_ADDRESS,
            archive_on=True,
            now=now,
        )
        if slug == "members-update":
            first = made
    return first


def _segments(session: Session, now: datetime) -> None:
    for slug, name, rules in _SEGMENTS:
        document = {
            "match": "all",
            "rules": [
                {"field": field, "op": "any_of", "values": values} for field, values in rules
            ],
        }
        session.add(Segment(slug=slug, name=name, rules=document, created_at=now, updated_at=now))


def _pictures(session: Session, folder: Path, now: datetime) -> dict[str, str]:
    """The addresses of the demo's pictures in the library, by their files.

    They are drawn by ``tests/demo_pictures.py``.
    """
    store, addresses = PictureFolder(folder), dict[str, str]()
    for name, words in PICTURE_WORDS.items():
        kept = library.add(
            session,
            store,
            shape((Path(__file__).parent / "pictures" / name).read_bytes()),
            called=name,
            words=words,
            is_decoration=not words,
            actor=_DEMO,
            now=now,
        )
        addresses[name] = f"/pictures/{kept.name}"
    return addresses


def _brand(pictures: dict[str, str]) -> BrandDetails:
    return BrandDetails(
        logo_on_dark=pictures["logo-on-dark.png"],
        logo_on_light=pictures["logo-on-light.png"],
        header_picture=pictures["header.png"],
        contact="news@network.example",
        website="https://www.network.example/",
        archive_url="https://www.network.example/updates",
        privacy_url="https://www.network.example/privacy",
    )


def _issue(
    session: Session, newsletter: Newsletter, pictures: dict[str, str], now: datetime
) -> int:
    comes = Recurrence(NthWeekday(2, 1), "10:00", UK, wall_of(now, UK).date())
    wall, goes_out_at = next(comes.after(now + timedelta(hours=1)))
    month = datetime.fromisoformat(wall).strftime("%B %Y")
    document = frames.dated(december_issue(pictures, goes_out_at.date()), month)
    campaign = editing.create(
        session,
        newsletter,
        name=f"Members' Update, {month}",
        subject=SUBJECT,
        preview_text=PREVIEW_TEXT,
        document=demo_library.fill(session, document, now),
        month=wall[:7],
        slug=wall[:7],
        actor=_DEMO,
        now=now,
    )
    template = templates.make(session, newsletter, "Monthly update", actor=_DEMO, now=now)
    template.document = skeleton(pictures)
    schedule = Schedule(
        newsletter_id=newsletter.id,
        rrule=rrules.write(comes.rule),
        starts_on=comes.starts_on,
        time=comes.time,
        zone=comes.zone,
        draft_days_before=21,
        owner_id=operators.find(session, "asha.singh@network.example").id,
        approvers=[operators.find(session, "marc.bell@network.example")],
        subject="Members' Update, {month} {year}",
        template_id=template.id,
        active=True,
        created_at=now,
    )
    session.add(schedule)
    session.flush()
    demo_library.fill_more(session, pictures, goes_out_at.date(), now)
    demo_library.show_to_all(session)
    stories.ask(session, campaign, goes_out_at.date(), now)
    campaign.schedule_id, campaign.occurrence = schedule.id, wall
    gate = Gate.OPEN  # nobody has approved it yet
    timing.plan(session, campaign.id, wall=wall, zone=UK, actor=_DEMO, gate=gate, now=now)
    demo_library.welcome(session, now)
    _next_issue(session, schedule, now)
    schedules.start(session, schedule, now=now)
    return campaign.id


def _next_issue(session: Session, schedule: Schedule, now: datetime) -> None:
    """The draft of the month after, which has filled itself."""
    session.flush()
    if found := next(schedules.ahead(session, schedule, now=now), None):
        schedules.make_draft(session, schedule.id, found.planned, now=now)


def _operators(session: Session, now: datetime) -> None:
    for email, name, power in (
        ("asha.singh@network.example", "Asha Singh", Power.ADMIN),
        ("marc.bell@network.example", "Marc Bell", Power.APPROVER),
        ("priya.shah@network.example", "Priya Shah", Power.APPROVER),
        ("noor.hale@network.example", "Noor Hale", Power.EDITOR),
        ("sam.reed@network.example", "Sam Reed", Power.CONTRIBUTOR),
        ("jo.perry@network.example", "Jo Perry", Power.VIEWER),
    ):
        operators.create(session, email=email, name=name, power=power, actor=_DEMO, now=now)
