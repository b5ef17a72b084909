"""Files of events: those of the frozen version for everybody, of a draft for officers."""

import re
from typing import Any

import pytest

from mailer.bootstrap import Mailer
from mailer.campaigns import editing, sending
from mailer.campaigns.previews import preview
from mailer.models import Campaign
from mailer.settings.environment import Gate
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text


def _document(title: str) -> dict[str, Any]:
    event = {"title": title, "start": "2099-12-09T10:00", "end": "2099-12-09T11:00"}
    over = {"title": "Long gone", "start": "2020-01-01"}
    blocks = [{"id": "e", "type": "event_list", "heading": "Soon", "events": [over, event]}]
    return {"version": 1, "blocks": blocks}


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    with mailer.database.writing() as session:
        return a_campaign(session, cast.newsletter, _document("Retrofit webinar")).id


def _link(mailer: Mailer, issue: int, *, as_text: bool) -> str:
    """The address of the one event's file, as a copy has it."""
    with mailer.database.reading() as session:
        found = editing.find(session, issue)
        mail = preview(session, mailer, found, category="", as_text=as_text)
    (address,) = re.findall(r"https://news.network.example(/e/[\w-]{32}/[0-9a-f]+\.ics)", mail)
    return str(address)


def _send(mailer: Mailer, issue: int) -> None:
    with mailer.database.writing() as session:
        document = session.get_one(Campaign, issue).document
        coming = {**document["blocks"][0], "events": document["blocks"][0]["events"][1:]}
        editing.edit(
            session,
            issue,
            document={"version": 1, "blocks": [coming]},
            actor=TESTER,
            now=mailer.clock(),
        )
        sending.launch(session, issue, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())


@pytest.mark.parametrize("as_text", [True, False])
def test_a_copy_leads_to_the_file_of_an_event(
    mailer: Mailer, issue: int, visitor: Browser, as_text: bool
) -> None:
    _send(mailer, issue)

    answer = visitor.get(_link(mailer, issue, as_text=as_text))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar; charset=utf-8")
    assert "SUMMARY:Retrofit webinar\r\n" in answer.get_data(as_text=True)
    assert "DTSTART:20991209T100000Z\r\n" in answer.get_data(as_text=True)


def test_a_file_says_what_was_sent_whatever_the_draft_says_now(
    mailer: Mailer, issue: int, visitor: Browser
) -> None:
    _send(mailer, issue)
    link = _link(mailer, issue, as_text=True)
    with mailer.database.writing() as session:
        session.get_one(Campaign, issue).document = _document("Changed since")

    assert "Retrofit webinar" in visitor.get(link).get_data(as_text=True)


def test_the_event_of_a_draft_is_for_officers(
    mailer: Mailer, issue: int, visitor: Browser, viewer: Browser
) -> None:
    link = _link(mailer, issue, as_text=False)

    assert visitor.get(link).status_code == 404
    assert "Retrofit webinar" in viewer.get(link).get_data(as_text=True)


def test_a_guessed_address_is_a_page_that_says_so(
    mailer: Mailer, issue: int, visitor: Browser
) -> None:
    _send(mailer, issue)
    link = _link(mailer, issue, as_text=True)

    for wrong in (f"/e/{'A' * 32}/{link[-14:]}", f"{link[:-6]}00.ics"):
        answer = visitor.get(wrong)
        assert answer.status_code == 404
        assert "link" in visible_text(answer)
