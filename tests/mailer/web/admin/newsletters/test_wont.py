"""Who won’t get an issue: each number leads to the people behind it, before and after sending."""

import re

import pytest

from contacts.models import Newsletter
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Exclusion
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, Cast, a_campaign, a_contact
from tests.mailer.web.browser import Browser, visible_text

ISSUE = "/issues/members-update/2026-11"


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    """An issue that leaves out Carol, whose address bounced, and Eve and Finn, who have none."""
    with mailer.database.writing() as session:
        campaign = a_campaign(session, cast.newsletter, slug="2026-11")
        for name in ("Eve", "Finn"):
            a_contact(session, name, None, session.get_one(Newsletter, cast.newsletter))
        return campaign.id


@pytest.mark.parametrize("page", ["", "/approval", "/send"])
def test_every_reason_leads_to_as_many_people(issue: int, editor: Browser, page: str) -> None:
    shown = editor.get(ISSUE + page)
    found = re.findall(rf'<a href="({ISSUE}/wont/\w+)">([0-9,]+)</a>', shown.text)

    assert len(found) >= 2
    for url, number in found:
        listed = editor.get(url)
        assert len(re.findall(r'<a href="/people/\d+">', listed.text)) == int(number), url
        assert f"{number} won’t get it: " in visible_text(listed)
    left_out = sum(int(number) for _, number in found)
    said = re.search(r"(\d+) \+ (\d+) = (\d+) people in the audience", visible_text(shown))
    assert said
    assert int(said[2]) == left_out
    assert int(said[1]) + left_out == int(said[3])


def test_whoever_may_only_look_sees_them_too(issue: int, viewer: Browser) -> None:
    assert "Eve" in visible_text(viewer.get(f"{ISSUE}/wont/no_email"))
    assert viewer.get(f"{ISSUE}/wont/nonsense").status_code == 404


def test_a_long_list_goes_on_where_its_page_ends(
    mailer: Mailer, cast: Cast, issue: int, viewer: Browser
) -> None:
    with mailer.database.writing() as session:
        newsletter = session.get_one(Newsletter, cast.newsletter)
        for number in range(105):
            a_contact(session, f"Person {number}", None, newsletter)

    first = viewer.get(f"{ISSUE}/wont/no_email").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    last = viewer.get(following[1]).text

    people = [re.findall(r'<a href="/people/(\d+)">', page) for page in (first, last)]
    assert [len(each) for each in people] == [100, 7]
    assert len({*people[0], *people[1]}) == 107
    assert 'rel="next"' not in last


def test_once_sent_the_same_address_leads_to_those_who_were_left_out(
    mailer: Mailer, issue: int, viewer: Browser
) -> None:
    with mailer.database.writing() as session:
        sending.launch(session, issue, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue, clock=lambda: NOW)

    answer = viewer.get(f"{ISSUE}/wont/{Exclusion.BOUNCED.value}")

    assert answer.status_code == 302
    assert "Carol" in visible_text(viewer.get(answer.headers["Location"]))
