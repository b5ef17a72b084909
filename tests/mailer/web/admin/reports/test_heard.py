"""What was heard of an issue: numbers, the people behind each, and what machines did."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from contacts.models import Contact
from contacts.permission.subscriptions import allow_tracking
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery, DeliveryStatus, Receipt, ReceiptKind, Verdict
from mailer.receipts.tracking.grounds import Ground
from mailer.reports.hearing import Heard
from mailer.settings.environment import Gate
from mailer.web.admin.words import GROUNDS, HEARD
from tests.factories import NOW, TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

REPORT = "/issues/members-update/2026-11/report"
OPENED, CLICKED = ReceiptKind.OPENED, ReceiptKind.CLICKED
PERSON, AUTOMATIC = Verdict.PERSON, Verdict.AUTOMATIC


@pytest.fixture
def heard(mailer: Mailer, cast: Cast) -> None:
    """An issue with a click of Alice, and a click and an open of machines at the others."""
    with mailer.database.writing() as session:
        session.execute(update(Contact).values(tracking_allowed=True))
        issue_id = a_campaign(session, cast.newsletter, slug="2026-11").id
        sending.launch(session, issue_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue_id, clock=lambda: NOW)
    with mailer.database.writing() as session:
        copies = {each.contact_id: each for each in session.scalars(select(Delivery))}
        for each in copies.values():
            each.status, each.code, each.reason = DeliveryStatus.ACCEPTED, 250, None

        def hear(
            contact_id: int,
            kind: ReceiptKind,
            verdict: Verdict,
            link: int | None = None,
            grounds: str | None = None,
        ) -> None:
            copy = copies[contact_id]
            copy.address = copy.address or "someone@a.example"
            session.add(
                Receipt(
                    campaign_id=issue_id,
                    delivery_id=copy.id,
                    kind=kind,
                    verdict=verdict,
                    link=link,
                    grounds=grounds,
                    at=NOW + timedelta(hours=1),
                )
            )

        hear(cast.alice, OPENED, PERSON)
        hear(cast.alice, CLICKED, PERSON, 1)
        hear(cast.alice, CLICKED, AUTOMATIC, 1, "gateway")
        hear(cast.bob, CLICKED, AUTOMATIC, 1, "burst no-agent")
        hear(cast.carol, OPENED, AUTOMATIC, None, "privacy-proxy")
        hear(cast.carol, ReceiptKind.UNSUBSCRIBED, PERSON)
        hear(cast.bob, ReceiptKind.COMPLAINED, AUTOMATIC)
        hear(cast.bob, ReceiptKind.SOFT_BOUNCED, AUTOMATIC)
        hear(cast.carol, ReceiptKind.HARD_BOUNCED, AUTOMATIC)


def test_every_number_of_a_report_leads_to_as_many_people(heard: None, viewer: Browser) -> None:
    page = viewer.get(REPORT).text
    found = re.findall(rf'<a href="({REPORT}/heard/[^"]+)">\s*([0-9,]+)\s*</a>', page)

    assert {url.rpartition("/")[2].partition("?")[0] for url, _ in found} == set(Heard)
    for url, number in found:
        listed = viewer.get(url.replace("&amp;", "&"))
        assert len(re.findall(r'<a href="/people/\d+">', listed.text)) == int(number), url
        assert f"{number}: " in visible_text(listed)


def test_what_machines_did_is_shown_and_not_counted(heard: None, viewer: Browser) -> None:
    text = visible_text(viewer.get(REPORT))

    assert "they alone opened: 1 · copies whose links they alone followed: 1" in text
    assert "Fetched by Apple Mail whether or not anybody read 1" in text
    assert "Faster than anybody presses links 1" in text


def test_a_list_of_machines_says_how_they_showed_themselves(heard: None, viewer: Browser) -> None:
    text = visible_text(viewer.get(f"{REPORT}/heard/clicked-automatically"))

    assert "1: clicked by machines only, not counted" in text
    assert "Bob Bell" in text
    assert "faster than anybody presses links, did not say what program made it" in text


def test_the_list_of_a_link_names_it(heard: None, viewer: Browser) -> None:
    text = visible_text(viewer.get(f"{REPORT}/heard/clicked?link=1"))

    assert "1: clicked" in text
    assert "to https://a.example/x" in text
    assert "Alice Adeyemi" in text
    assert "Nobody." in visible_text(viewer.get(f"{REPORT}/heard/opened?link=1"))


@pytest.mark.parametrize("what", ["nonsense", "clicked?link=77", "OPENED"])
def test_a_number_that_there_is_not_has_no_list(heard: None, viewer: Browser, what: str) -> None:
    assert viewer.get(f"{REPORT}/heard/{what}").status_code == 404


def test_whoever_no_longer_lets_us_count_is_in_neither_number_nor_list(
    heard: None, mailer: Mailer, cast: Cast, viewer: Browser
) -> None:
    with mailer.database.writing() as session:
        alice = session.get_one(Contact, cast.alice)
        allow_tracking(session, alice, agreed=False, source=TESTER, words="", now=NOW)

    assert f'{REPORT}/heard/opened"' not in viewer.get(REPORT).text
    assert "0: clicked" in visible_text(viewer.get(f"{REPORT}/heard/clicked"))


def test_every_number_and_ground_has_words() -> None:
    assert set(HEARD) == {each.value for each in Heard}
    assert set(GROUNDS) == {each.value for each in Ground}
