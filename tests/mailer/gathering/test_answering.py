"""Answers: a draft of the library, changed by its sender until somebody else takes it up; results
are told once, and only what is known."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Contact
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.pictures.shaping import shape
from mailer.authoring.pictures.store import PictureFolder
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.drafts import taking
from mailer.campaigns.freezing import freeze
from mailer.errors import FormError, NotAllowed
from mailer.gathering.stories import answering, featured, links, thanking
from mailer.gathering.stories.answering import AnswerStanding, SentPhoto, StoryAnswer
from mailer.gathering.stories.choosing import WantedPeople
from mailer.gathering.stories.request_mail import WrittenRequest
from mailer.models import (
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    ItemOrigin,
    ItemState,
    LibraryItem,
    Link,
    Receipt,
    ReceiptKind,
    StoryAsk,
    SystemMail,
    Verdict,
)
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_cast, a_mailer
from tests.mailer.gathering.test_asking import DUE, TOKENS, ask, only_ask

STORY = StoryAnswer(
    "Our wood", "Sixty of us own it.", "https://aldmor.example/wood", "Ada Ames", True
)


def a_photo(words: str = "A wood in spring") -> SentPhoto:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (20, 120, 60)).save(file, "PNG")
    return SentPhoto(shape(file.getvalue()), "wood.png", words)


def asked(session: Session) -> StoryAsk:
    cast = a_cast(session)
    written = WrittenRequest("News?", "Tell us.", DUE, thanks=True)
    ask(session, WantedPeople(people=(cast.alice,)), written)
    return opened(session, only_ask(session))


def opened(session: Session, made: StoryAsk) -> StoryAsk:
    """The ask as its link finds it."""
    session.flush()
    token = TOKENS.seal(Purpose.STORY, made.id)
    found = links.ask_of(session, token, tokens=TOKENS, lock=True)
    assert found is not None
    return found


def send(session: Session, made: StoryAsk, folder: Path, story: StoryAnswer = STORY) -> LibraryItem:
    return answering.answer(session, made, story, PictureFolder(folder), now=NOW)


def test_what_was_sent_is_a_draft_of_the_organisation_with_its_picture(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        made = asked(session)
        story = StoryAnswer(
            "Our wood", "Sixty of us own it.", "", "Ada Ames", True, (a_photo(), a_photo("Two"))
        )
        item = send(session, made, tmp_path, story)

        assert (item.state, item.origin) == (ItemState.DRAFT, ItemOrigin.FORM)
        assert item.organisation_id == made.organisation_id
        assert item.fields["kicker"] == "Aldmor Council"
        assert item.fields["image"].startswith("/pictures/")
        assert item.fields["image_alt"] == "A wood in spring"
        assert "Cllr Alice Adeyemi" in item.fields["rights"]
        assert "May be named: Ada Ames." in item.fields["rights"]
        assert [each.id for each in answering.waiting(session, most=5)] == [made.id]
        items.make_ready(session, item.id, actor=TESTER, now=NOW)
        assert not answering.waiting(session, most=5)


@pytest.mark.parametrize(
    ("story", "field"),
    [
        (StoryAnswer("", "Text.", "", "", True), "headline"),
        (StoryAnswer("Wood", " ", "", "", True), "text"),
        (StoryAnswer("Wood", "Text.", "javascript:alert(1)", "", True), "link"),
        (StoryAnswer("Wood", "Text.", "", "", True, (a_photo(""),)), "alt1"),
        (StoryAnswer("Wood", "Text.", "", "", False), "publish"),
    ],
)
def test_what_is_missing_is_said(
    database: Database, tmp_path: Path, story: StoryAnswer, field: str
) -> None:
    with database.writing() as session:
        with pytest.raises(FormError) as refused:
            send(session, asked(session), tmp_path, story)

        assert [name for name, _ in refused.value.problems] == [field]
        assert session.scalars(select(LibraryItem)).all() == []


def test_a_second_answer_takes_the_place_of_the_first_and_keeps_its_picture(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        made = asked(session)
        first = send(
            session, made, tmp_path, StoryAnswer("Wod", "Text.", "", "", True, [a_photo()])
        )
        picture = first.fields["image"]

        second = send(session, made, tmp_path)

        assert second.id == first.id
        assert second.title == "Our wood"
        assert second.fields["image"] == picture
        assert len(session.scalars(select(LibraryItem)).all()) == 1


@pytest.mark.parametrize("by", ["edited", "ready", "binned"])
def test_an_answer_after_officers_took_it_up_is_a_draft_beside_theirs(
    database: Database, tmp_path: Path, by: str
) -> None:
    with database.writing() as session:
        made = asked(session)
        first = send(session, made, tmp_path)
        if by == "edited":
            written = WrittenItem(
                {"headline": "The wood", "text": "Edited."}, first.organisation_id
            )
            items.edit(session, first.id, written, expected=1, actor=TESTER, now=NOW)
        elif by == "ready":
            items.make_ready(session, first.id, actor=TESTER, now=NOW)
        else:
            items.put_in_bin(session, first.id, actor=TESTER, now=NOW)
        before = dict(first.fields), first.state
        assert answering.standing(session, made) is AnswerStanding.TAKEN_UP

        second = send(session, made, tmp_path)

        assert second.id != first.id
        assert (first.fields, first.state) == before
        assert second.state is ItemState.DRAFT


def test_what_an_issue_has_is_not_changed_by_its_sender(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        made = asked(session)
        item = send(session, made, tmp_path)
        items.make_ready(session, item.id, actor=TESTER, now=NOW)
        issue = a_campaign(session, 1)
        taking.add(session, issue.id, item.id, actor=TESTER, now=NOW)

        with pytest.raises(NotAllowed, match="in an issue already"):
            send(session, made, tmp_path)


def test_declining_is_noted_and_an_answer_after_it_counts(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        made = asked(session)
        answering.decline(session, made, now=NOW)
        assert made.declined_at == NOW

        send(session, made, tmp_path)
        answering.decline(session, made, now=NOW)

        assert made.declined_at is None
        assert made.answered_at == NOW


def test_somebody_whose_record_goes_takes_the_ask_along_and_leaves_the_story(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        made = asked(session)
        item = send(session, made, tmp_path)
        session.flush()
        session.delete(session.get_one(Contact, made.contact_id))
        session.flush()
        session.expire_all()

        assert session.scalars(select(StoryAsk)).all() == []
        assert session.get(LibraryItem, item.id) is not None


@pytest.fixture
def sent(database: Database, tmp_path: Path) -> Mailer:
    """A story that went out in an issue at NOW, to Alice and one more, and Alice's click."""
    mailer = a_mailer(database, tmp_path)
    with database.writing() as session:
        made = asked(session)
        item = send(session, made, tmp_path / "pictures")
        items.make_ready(session, item.id, actor=TESTER, now=NOW)
        issue = a_campaign(session, 1)
        taking.add(session, issue.id, item.id, actor=TESTER, now=NOW)
        sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW)
        number = issue.id
    freeze(database, number, clock=lambda: NOW)
    with database.writing() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.status == DeliveryStatus.PENDING)
            .values(status=DeliveryStatus.ACCEPTED)
        )
        session.execute(update(Campaign).values(status=CampaignStatus.SENT, finished_at=NOW))
        copy = session.scalars(
            select(Delivery.id).where(Delivery.status == DeliveryStatus.ACCEPTED)
        ).first()
        url = "https://aldmor.example/wood"
        link = session.scalars(select(Link.number).where(Link.url == url)).one()
        for kind, of in ((ReceiptKind.OPENED, None), (ReceiptKind.CLICKED, link)):
            session.add(
                Receipt(
                    campaign_id=number,
                    delivery_id=copy,
                    kind=kind,
                    verdict=Verdict.PERSON,
                    link=of,
                    at=NOW,
                )
            )
    return mailer


def thanked(database: Database, *, days: int) -> list[SystemMail]:
    with database.writing() as session:
        site, at = "https://news.network.example", NOW + timedelta(days=days)
        thanking.thank_due(session, site=site, now=at)
        query = select(SystemMail).where(SystemMail.template == "story_thanks")
        return list(session.scalars(query))


def test_a_week_later_its_sender_hears_once_how_many_read_it(
    database: Database, sent: Mailer
) -> None:
    assert thanked(database, days=6) == []

    (mail,) = thanked(database, days=7)

    assert mail.to_address == "alice@aldmor.example"
    assert "1 of the 1 people who let us count opened it." in mail.paragraphs
    assert "1 person clicked through to your story." in mail.paragraphs
    assert len(thanked(database, days=8)) == 1


def test_thanks_that_are_months_late_are_not_sent(database: Database, sent: Mailer) -> None:
    assert thanked(database, days=60) == []


def test_of_people_who_are_not_counted_nothing_is_said(database: Database, sent: Mailer) -> None:
    with database.writing() as session:
        session.execute(update(Contact).values(tracking_allowed=False))

    (mail,) = thanked(database, days=7)

    assert "opened" not in mail.paragraphs
    assert "clicked" not in mail.paragraphs


def test_members_are_listed_by_how_long_nothing_was_said_of_them(
    database: Database, sent: Mailer
) -> None:
    with database.reading() as session:
        (aldmor,) = featured.members(session, today=NOW.date())
        (later,) = featured.members(session, today=(NOW + timedelta(days=200)).date())

        assert aldmor.words == "Featured this month"
        assert list(aldmor.issues) == [0] * 11 + [1]
        assert later.words == "Not featured for 6 months"
        assert featured.quiet_for(session, 6, today=(NOW + timedelta(days=200)).date())
        assert not featured.quiet_for(session, 7, today=(NOW + timedelta(days=200)).date())


def test_an_issue_belongs_to_the_month_that_the_clocks_of_the_network_showed(
    database: Database, sent: Mailer
) -> None:
    with database.writing() as session:
        late = NOW.replace(month=6, day=30, hour=23, minute=30)  # half past midnight on 1 July
        session.execute(update(Campaign).values(started_at=late))

    with database.reading() as session:
        (member,) = featured.members(session, today=late.date().replace(month=7))
        assert list(member.issues) == [0] * 11 + [1]
