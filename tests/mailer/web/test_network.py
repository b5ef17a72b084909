"""Pages show the time of the network's zone, and read the network once for each of them."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.bootstrap import Mailer
from mailer.campaigns import timing
from mailer.models import Campaign, Power, Schedule
from mailer.network import details
from mailer.network.details import NetworkDetails
from mailer.settings.environment import Gate
from mailer.web.shell import offered
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

_ISSUE = "/issues/members-update/2026-12"
_WALL = "2027-01-12T10:00"


@pytest.fixture
def abroad(mailer: Mailer, cast: Cast) -> None:
    """A network in Paris, with an issue that has a time from when it was in London."""
    paris = NetworkDetails("Commons", "1 Commons Row", "Europe/Paris", ("cy", "en-GB"))
    with mailer.database.writing() as session:
        now = mailer.clock()
        issue = a_campaign(session, cast.newsletter)
        timing.plan(
            session,
            issue.id,
            wall=_WALL,
            zone="Europe/London",
            actor=TESTER,
            gate=Gate.OPEN,
            now=now,
        )
        details.save(session, paris, actor=TESTER, now=now)


def test_a_time_of_another_zone_is_shown_in_the_networks(abroad: None, editor: Browser) -> None:
    hub, send = editor.get(_ISSUE), editor.get(f"{_ISSUE}/send")

    assert "Tue 12 Jan 2027, 11:00 CET" in visible_text(hub)
    assert "Times are Paris time unless they say otherwise" in visible_text(hub)
    assert "Paris time" in visible_text(send)
    assert 'value="11:00"' in send.text


def test_a_chosen_time_is_one_of_the_networks_zone(
    abroad: None, editor: Browser, mailer: Mailer
) -> None:
    chosen = {"date": "2027-07-13", "time": "10:00"}
    answer = editor.submit(f"{_ISSUE}/send", chosen, to=f"{_ISSUE}/plan")

    assert "goes out on Tue 13 Jul 2027, 10:00 CEST" in visible_text(answer)
    with mailer.database.reading() as session:
        issue = session.scalars(select(Campaign)).one()
        assert timing.goes_out_at(issue) == datetime(2027, 7, 13, 8, 0, tzinfo=UTC)


def test_a_new_schedule_is_in_the_networks_zone_and_keeps_it(
    abroad: None, editor: Browser, mailer: Mailer
) -> None:
    form = {
        "newsletter": "members-update",
        "rule": "weekday",
        "nth": "2",
        "weekday": "1",
        "day": "1",
        "time": "10:00",
        "draft_days_before": "21",
        "subject": "Members",
        "zone": "Asia/Tokyo",
    }
    made = visible_text(editor.submit("/schedules/new", form))
    with mailer.database.writing() as session:
        back = NetworkDetails("Commons", "1 Commons Row", "Europe/London")
        details.save(session, back, actor=TESTER, now=mailer.clock())
    editor.submit("/schedules/1", {**form, "subject": "Others"})

    assert "every month at 10:00 Paris time" in made
    with mailer.database.reading() as session:
        kept = session.scalars(select(Schedule)).one()
        assert (kept.zone, kept.subject) == ("Europe/Paris", "Others")


def test_the_own_language_stays_the_first_when_others_are_ticked(
    abroad: None, sign_in: SignIn, mailer: Mailer
) -> None:
    admin = sign_in(Power.ADMIN)
    page = admin.get("/settings/network").text
    assert re.search(r'<option value="cy" selected', page)

    admin.submit(
        "/settings/network",
        {
            "name": "Commons",
            "postal_address": "1 Commons Row",
            "time_zone": "Europe/Paris",
            "own_language": "cy",
            "languages": ["en-GB", "fr"],
        },
    )

    with mailer.database.reading() as session:
        kept = NetworkDetails.of(details.find(session))
    assert kept.languages == ("cy", "en-GB", "fr")


def test_a_page_reads_the_network_once(abroad: None, editor: Browser, mailer: Mailer) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "FROM installation" in statement:
            asked.append(statement)

    event.listen(mailer.database.engine, "before_cursor_execute", note)
    editor.get(_ISSUE)

    assert len(asked) == 1


def test_a_choice_of_languages_offers_those_of_the_network_and_the_one_it_has(
    abroad: None, app: Flask
) -> None:
    (language,) = (each for each in BLOCK_TYPES["story"].fields if each.name == "language")
    with app.test_request_context():
        offers = [value for value, _ in offered(language, "ur")]

    assert offers == ["", "en-GB", "cy", "ur"]
