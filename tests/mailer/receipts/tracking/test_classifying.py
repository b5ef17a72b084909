"""Verdicts in the database: by what is known so far, made anew when more is known."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from werkzeug.test import Client

from contacts.database import Database
from contacts.models import Contact
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery, DeliveryStatus, Link, Receipt, Verdict
from mailer.receipts.tracking import classes, classifying
from mailer.receipts.tracking.drain import Drain
from mailer.receipts.tracking.machines import Machines
from mailer.receipts.tracking.spool import Hit, SpoolWriter
from mailer.reports.engagement import engagement
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from mailer.web.hooks.links import LinkTable
from mailer.web.hooks.tracking import Tracking
from tests.factories import NOW, TESTER, Cast, a_campaign, a_cast, a_mailer
from tests.mailer.receipts.tracking.agents import APPLE, BROWSER

LINKS = 6
OFFICE = "192.0.2.10"


class Issue:
    """An issue that everybody of the cast got at ``NOW``, and requests about it."""

    def __init__(self, mailer: Mailer) -> None:
        self.mailer = mailer
        self.machines = Machines(mailer.settings.secret)
        with mailer.database.writing() as session:
            self.cast: Cast = a_cast(session)
            session.execute(update(Contact).values(tracking_allowed=True))
            self.id = a_campaign(session, self.cast.newsletter).id
            sending.launch(session, self.id, actor=TESTER, gate=Gate.OPEN, now=NOW)
        freeze(mailer.database, self.id, clock=lambda: NOW)
        with mailer.database.writing() as session:
            session.execute(
                update(Delivery).values(
                    status=DeliveryStatus.ACCEPTED, code=250, text="OK", changed_at=NOW
                )
            )
            there = set(session.scalars(select(Link.number)))
            for number in set(range(1, LINKS + 1)) - there:
                session.add(
                    Link(
                        campaign_id=self.id,
                        number=number,
                        url=f"https://a.example/{number}",
                        words=f"Link {number}",
                    )
                )
            self.copies = list(session.scalars(select(Delivery.id).order_by(Delivery.id)))

    def token(self, copy: int = 0) -> str:
        return self.mailer.tokens.seal(Purpose.TRACK, self.copies[copy], self.id)

    def hear(self, *requests: tuple[timedelta, int], agent: str = BROWSER, copy: int = 0) -> None:
        """Requests at such times after the sending, for such links."""
        seen = self.machines.look("GET", {"user-agent": agent}, OFFICE, self.id)
        writer = SpoolWriter(self.mailer.settings.spool_dir)
        for after, link in requests:
            at = int((NOW + after).timestamp() * 1000)
            writer.append(Hit(at, self.token(copy), link, seen.letters, seen.source))
        writer.close()
        Drain(self.mailer).take_all()

    def receipts(self) -> list[Receipt]:
        with self.mailer.database.reading() as session:
            return list(session.scalars(select(Receipt).order_by(Receipt.id)))

    def verdicts(self) -> list[str]:
        return [each.verdict.value for each in self.receipts()]


@pytest.fixture
def issue(database: Database, tmp_path: Path) -> Issue:
    return Issue(a_mailer(database, tmp_path))


@pytest.fixture
def web(issue: Issue) -> Iterator[Client]:
    writer = SpoolWriter(issue.mailer.settings.spool_dir)
    yield Client(
        Tracking(
            lambda _environ, _start: [],
            tokens=issue.mailer.tokens,
            spool=writer,
            links=LinkTable(issue.mailer.database),
            machines=issue.machines,
        )
    )
    writer.close()


class Times:
    """The clock of the pages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now: datetime = NOW
        monkeypatch.setattr("mailer.web.hooks.tracking.time.time_ns", self.time_ns)

    def time_ns(self) -> int:
        return int(self.now.timestamp() * 1000) * 1_000_000


@pytest.mark.parametrize("agent", [None, "python-requests/2.32.3", "Council-Mail-Gateway/4.1"])
def test_five_links_within_a_moment_are_a_machine_and_her_click_later_counts(
    issue: Issue, web: Client, monkeypatch: pytest.MonkeyPatch, agent: str | None
) -> None:
    times = Times(monkeypatch)
    times.now = NOW + timedelta(minutes=3)
    for number in range(1, 6):
        times.now += timedelta(milliseconds=5)
        answer = web.get(
            f"/c/{issue.token()}/{number}", headers={"User-Agent": agent} if agent else {}
        )
        assert answer.status_code == 302
    Drain(issue.mailer).take_all()
    with issue.mailer.database.reading() as session:
        before = engagement(session, issue.id)

    times.now = NOW + timedelta(hours=1)
    web.get(f"/c/{issue.token()}/2", headers={"User-Agent": BROWSER})
    Drain(issue.mailer).take_all()
    with issue.mailer.database.reading() as session:
        after = engagement(session, issue.id)

    assert (before.clicked, before.clicked_automatically) == (0, 1)
    assert [each.automatic for each in before.links[:5]] == [1] * 5
    assert dict(before.grounds)["burst"] == 5
    assert len(issue.receipts()) == 6
    assert (after.clicked, after.clicked_automatically) == (1, 0)
    assert [(each.people, each.automatic) for each in after.links[:3]] == [(0, 1), (1, 0), (0, 1)]


def test_a_burst_that_comes_in_pieces_is_known_once_it_is_whole(issue: Issue) -> None:
    issue.hear((timedelta(hours=1), 1))
    first = issue.verdicts()
    issue.hear((timedelta(hours=1, seconds=1), 2), (timedelta(hours=1, seconds=2), 3))

    assert first == ["person"]
    assert issue.verdicts() == ["automatic"] * 3


def test_an_open_by_apple_becomes_hers_when_she_clicks(issue: Issue) -> None:
    issue.hear((timedelta(seconds=40), 0), agent=APPLE)
    first = issue.verdicts()
    issue.hear((timedelta(hours=2), 1))

    with issue.mailer.database.reading() as session:
        heard = engagement(session, issue.id)
    assert first == ["automatic"]
    assert issue.verdicts() == ["person", "person"]
    assert (heard.opened, heard.opened_automatically) == (1, 0)


def test_copies_of_many_people_at_once_are_one_machines(issue: Issue) -> None:
    for copy in range(3):
        issue.hear((timedelta(seconds=3), 1), copy=copy)
    issue.hear((timedelta(minutes=2), 1), copy=0)  # by the same source, soon

    assert issue.verdicts() == ["automatic"] * 4
    assert issue.receipts()[-1].grounds == "same-source"


def test_what_came_before_the_outcome_was_written_is_judged_once_it_is(
    issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailer.receipts.tracking.drain._OUTCOME_WITHIN", 0.0)
    with issue.mailer.database.writing() as session:
        session.execute(update(Delivery).values(status=DeliveryStatus.PENDING, code=None))
    seen = issue.machines.look("GET", {"user-agent": BROWSER}, OFFICE, issue.id)
    writer = SpoolWriter(issue.mailer.settings.spool_dir)
    at = int((NOW - timedelta(seconds=1)).timestamp() * 1000)
    writer.append(Hit(at, issue.token(), 1, seen.letters, seen.source))
    drain = Drain(issue.mailer)
    drain.take_all()
    first = issue.verdicts()

    with issue.mailer.database.writing() as session:
        session.execute(update(Delivery).values(status=DeliveryStatus.ACCEPTED, code=250))
    drain.judge_early_ones()

    assert (first, issue.verdicts()) == (["person"], ["automatic"])
    writer.close()


def test_all_of_an_issue_is_judged_anew_by_the_thresholds_of_now(
    issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for copy in range(3):
        issue.hear((timedelta(seconds=90 + 60 * copy), 1 + copy), copy=copy)
    first = issue.verdicts()
    monkeypatch.setattr(classes, "CLICKED_UNOPENED", 300.0)
    monkeypatch.setattr(classifying, "_AT_ONCE", 2)

    seen, changed = classifying.judge_again(issue.mailer.database, issue.id)

    assert first == ["person"] * 3
    assert (seen, changed) == (3, 3)
    assert issue.verdicts() == ["automatic"] * 3
    assert classifying.judge_again(issue.mailer.database, issue.id) == (3, 0)


def test_neither_address_nor_program_is_kept_and_the_source_not_for_long(issue: Issue) -> None:
    issue.hear((timedelta(hours=1), 1), agent="Rare-Browser/1.0")
    kept = issue.receipts()[0]
    everything = " ".join(str(value) for value in vars(kept).values())
    assert "192.0.2" not in everything
    assert "Rare" not in everything
    assert kept.source

    for days, left in ((29, True), (32, False)):
        with issue.mailer.database.writing() as session:
            classifying.forget_sources(session, now=NOW + timedelta(days=days))
        assert bool(issue.receipts()[0].source) is left
    assert issue.receipts()[0].verdict is Verdict.PERSON


def test_a_flood_of_requests_for_one_copy_is_a_machine_to_the_first(issue: Issue) -> None:
    issue.hear(*((timedelta(hours=1, seconds=n / 20), 1) for n in range(500)))

    assert issue.verdicts() == ["automatic"] * 500
