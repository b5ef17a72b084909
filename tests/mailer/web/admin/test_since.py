"""The line on Home about what happened since somebody's last visit."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from contacts import audit
from contacts.actors import SCHEDULE, Actor
from contacts.models import AuditEntry
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.models import Campaign, CampaignStatus, Operator, Power
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock

_LINE = "Since you were here, "


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    with mailer.database.writing() as session:
        made = a_campaign(session, cast.newsletter, slug="extra").id
        session.execute(delete(AuditEntry))  # it was made at a time that is not this clock's
        return made


@pytest.fixture
def marc(mailer: Mailer) -> Actor:
    with mailer.database.writing() as session:
        marc = operators.create(
            session,
            email="marc@network.example",
            name="Marc West",
            power=Power.EDITOR,
            actor=TESTER,
            now=mailer.clock(),
        )
        return Actor.operator(marc.id)


def _happens(mailer: Mailer, act: str, issue: int, actor: Actor) -> None:
    with mailer.database.writing() as session:
        audit.write(session, act, "campaign", issue, actor=actor, now=mailer.clock())


def _who(mailer: Mailer, power: Power) -> int:
    with mailer.database.reading() as session:
        email = f"{power}@network.example"
        return session.scalars(select(Operator.id).where(Operator.email == email)).one()


def _comes_back(browser: Browser, mailer: Mailer, power: Power) -> None:
    with mailer.database.writing() as session:
        operator = session.get_one(Operator, _who(mailer, power))
        secret = sign_in_links.make(session, operator, actor=TESTER, now=mailer.clock())
    assert browser.submit(f"/login/{secret}").status_code == 200


def test_it_says_what_others_did_since_the_last_visit_and_not_what_was_before(
    mailer: Mailer, clock: MovedClock, viewer: Browser, issue: int, marc: Actor
) -> None:
    _happens(mailer, "issue commented on", issue, marc)
    assert _LINE not in visible_text(viewer.get("/"))

    clock.moved = timedelta(hours=20)
    _happens(mailer, "issue submitted", issue, marc)
    _happens(mailer, "issue held", issue, SCHEDULE)
    clock.moved = timedelta(hours=21)
    _comes_back(viewer, mailer, Power.VIEWER)

    page = visible_text(viewer.get("/"))
    assert _LINE in page
    assert "December was held." in page

    clock.moved = timedelta(hours=40)
    _happens(mailer, "issue submitted", issue, marc)
    clock.moved = timedelta(hours=41)
    _comes_back(viewer, mailer, Power.VIEWER)
    assert "December was sent for approval by Marc West." in visible_text(viewer.get("/"))


def test_it_is_silent_about_ones_own_acts_and_about_what_is_in_the_bin(
    mailer: Mailer, clock: MovedClock, cast: Cast, issue: int, marc: Actor, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        binned = a_campaign(session, cast.newsletter, slug="binned").id
        session.get_one(Campaign, binned).status = CampaignStatus.BINNED
    clock.moved = timedelta(hours=20)
    me = _who(mailer, Power.EDITOR)
    _happens(mailer, "issue submitted", issue, Actor.operator(me))
    _happens(mailer, "issue submitted", issue, Actor.operator(me, token_id=7))
    _happens(mailer, "issue submitted", binned, marc)
    _comes_back(editor, mailer, Power.EDITOR)

    assert _LINE not in visible_text(editor.get("/"))


def test_it_names_three_issues_and_counts_the_rest(
    mailer: Mailer, clock: MovedClock, viewer: Browser, cast: Cast, marc: Actor
) -> None:
    clock.moved = timedelta(hours=20)
    with mailer.database.writing() as session:
        issues = [a_campaign(session, cast.newsletter, slug=f"extra-{n}").id for n in range(5)]
    for each in issues:
        _happens(mailer, "issue submitted", each, marc)
    _comes_back(viewer, mailer, Power.VIEWER)

    page = visible_text(viewer.get("/"))
    assert page.count("was sent for approval by Marc West") == 3
    assert "2 more issues changed." in page


def test_it_goes_when_it_was_read_and_comes_again_after_the_next_visit(
    mailer: Mailer, clock: MovedClock, viewer: Browser, issue: int, marc: Actor
) -> None:
    for hours in (20, 40):
        clock.moved = timedelta(hours=hours)
        _happens(mailer, "issue submitted", issue, marc)
        _comes_back(viewer, mailer, Power.VIEWER)
        assert _LINE in visible_text(viewer.get("/"))

        viewer.submit("/", {}, to="/since/read")
        assert _LINE not in visible_text(viewer.get("/"))


def test_it_names_issues_that_home_shows_nowhere_else(
    mailer: Mailer, clock: MovedClock, viewer: Browser, cast: Cast, issue: int, marc: Actor
) -> None:
    with mailer.database.writing() as session:
        session.get_one(Campaign, issue).status = CampaignStatus.SKIPPED
        a_campaign(session, cast.newsletter, slug="shown")
    clock.moved = timedelta(hours=20)
    _happens(mailer, "issue skipped", issue, marc)
    _comes_back(viewer, mailer, Power.VIEWER)

    assert "December was skipped by Marc West" in visible_text(viewer.get("/"))
