"""Clicks on the mail: the version that was sent, each link with the people of the report's list."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from contacts.models import Contact
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Campaign, Delivery, DeliveryStatus, Link, Receipt, ReceiptKind, Verdict
from mailer.reports import engagement
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

REPORT = "/issues/members-update/2026-11/report"
DOCUMENT = {
    "version": 1,
    "blocks": [
        {"type": "text", "id": "all", "text": "[the plan](https://a.example/plan?a=1&b=2)"},
        {
            "type": "text",
            "id": "full",
            "text": "[the lab](https://a.example/lab)",
            "visible_to": ["full"],
        },
        {
            "type": "button",
            "id": "again",
            "words": "Read",
            "link": "https://a.example/plan?a=1&b=2",
        },
    ],
}


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    """An issue of two addresses that was accepted by everybody, with nobody's click."""
    with mailer.database.writing() as session:
        session.execute(update(Contact).values(tracking_allowed=True))
        issue_id = a_campaign(session, cast.newsletter, DOCUMENT, slug="2026-11").id
        sending.launch(session, issue_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue_id, clock=lambda: NOW)
    with mailer.database.writing() as session:
        session.execute(update(Delivery).values(status=DeliveryStatus.ACCEPTED, reason=None))
    return issue_id


def click(mailer: Mailer, issue: int, contact: int, url: str, verdict: Verdict) -> None:
    with mailer.database.writing() as session:
        copy = select(Delivery.id).where(Delivery.contact_id == contact)
        number = select(Link.number).where(Link.campaign_id == issue, Link.url == url)
        session.add(
            Receipt(
                campaign_id=issue,
                delivery_id=session.scalars(copy).one(),
                kind=ReceiptKind.CLICKED,
                verdict=verdict,
                link=session.scalars(number).one(),
                at=NOW + timedelta(hours=1),
            )
        )


def badges(page: str) -> list[tuple[str, str]]:
    found = re.findall(
        r'<a\b[^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*</a><span class="circular-clicks">([^<]+)<',
        page,
        re.DOTALL,
    )
    return [(unescape(url), words) for url, words in found]


def test_each_link_has_the_people_of_the_report_beside_it(
    mailer: Mailer, cast: Cast, issue: int, viewer: Browser
) -> None:
    plan, lab = "https://a.example/plan?a=1&b=2", "https://a.example/lab"
    click(mailer, issue, cast.alice, plan, Verdict.PERSON)
    click(mailer, issue, cast.bob, plan, Verdict.AUTOMATIC)

    page = viewer.get(f"{REPORT}/mail").text

    with mailer.database.reading() as session:
        measured = engagement.measured(session, issue)
        listed = {each.url: each.people for each in engagement.of_links(session, issue)}
    share = f"1 person, {100 / measured:.1f} %"
    assert listed == {plan: 1, lab: 0}
    assert badges(page) == [(plan, share), (lab, "nobody"), (plan, share)]


def test_a_category_sees_its_own_mail_and_its_own_clicks(
    mailer: Mailer, cast: Cast, issue: int, viewer: Browser
) -> None:
    click(mailer, issue, cast.alice, "https://a.example/plan?a=1&b=2", Verdict.PERSON)
    with mailer.database.reading() as session:
        counts = {
            slug: [each.people for each in engagement.of_links(session, issue, category=slug)]
            for slug in ("full", "associate", "affiliate", "supporter", "")
        }
    theirs = next(slug for slug, people in counts.items() if any(people))
    others = next(slug for slug in ("supporter", "affiliate") if slug != theirs)

    assert sum(sum(people) for people in counts.values()) == 1
    assert "1 person" in viewer.get(f"{REPORT}/mail?as={theirs or 'none'}").text
    page = viewer.get(f"{REPORT}/mail?as={others}").text
    assert {words for _, words in badges(page)} == {"nobody"}
    assert "a.example/lab" not in page
    assert viewer.get(f"{REPORT}/mail?as=nonsense").status_code == 404


def test_the_frame_runs_nothing_and_nothing_in_it_counts(issue: int, viewer: Browser) -> None:
    answer = viewer.get(f"{REPORT}/mail")

    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "/c/" not in answer.text
    assert "/o/" not in answer.text


def test_the_report_says_so_where_nobody_has_clicked(
    mailer: Mailer, cast: Cast, issue: int, viewer: Browser
) -> None:
    before = visible_text(viewer.get(REPORT))
    click(mailer, issue, cast.alice, "https://a.example/lab", Verdict.PERSON)
    after = visible_text(viewer.get(REPORT))

    assert "Nobody who lets us count has clicked a link." in before
    assert "Nobody who lets us count has clicked a link." not in after


def test_what_was_changed_after_the_sending_is_not_what_was_sent(
    mailer: Mailer, issue: int, viewer: Browser
) -> None:
    with mailer.database.writing() as session:
        session.get_one(Campaign, issue).document = {"version": 1, "blocks": []}

    assert "a.example/lab" in viewer.get(f"{REPORT}/mail").text


def test_the_hours_shown_are_chosen_and_the_category_is_kept(issue: int, viewer: Browser) -> None:
    first = viewer.get(f"{REPORT}?as=full").text
    week = viewer.get(f"{REPORT}?as=full&hours=168").text

    assert re.search(r'hours=48[^>]*aria-current="true"', first)
    assert re.search(r'hours=168[^>]*aria-current="true"', week)
    assert "as=full" in week.partition("7 days")[0].rpartition("<a")[2]
    assert 'name="hours" value="168"' in week
    assert "clicked in the first 7 days." in week
