"""Addresses of an issue are asked in the background, and what was heard is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import due, editing
from mailer.campaigns.checks import asking
from mailer.campaigns.checks.asking import ask_addresses
from mailer.campaigns.checks.measuring import measure
from mailer.campaigns.checks.running import run
from mailer.fetching.asking import AddressAnswer, AddressFetcher, Answered, AskingAllowance
from mailer.models import CheckedAddress, Step, StepKind
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_mailer, a_newsletter, many
from tests.mailer.campaigns.checks.issues import story

GONE = AddressAnswer(Answered.BROKEN, 404, "404 Page not found.")
FINE = AddressAnswer(Answered.FINE, 200, "200 OK.")


@dataclass(frozen=True, slots=True)
class Answering(AddressFetcher):
    """Answers by the address, and notes what it was asked."""

    answers: dict[str, AddressAnswer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def ask(self, url: str, *, allowance: AskingAllowance | None = None) -> AddressAnswer:
        self.asked.append(url)
        return self.answers.get(url, FINE)


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Place:
    mailer: Mailer
    site: Answering
    clock: Clock
    issue: int

    def codes(self) -> Sequence[tuple[str, str]]:
        with self.mailer.database.reading() as session:
            campaign = editing.find(session, self.issue)
            counts = measure(session, campaign, now=self.clock.at)
            found = run(session, campaign, gate=Gate.OPEN, now=self.clock.at, counts=counts)
            return [(each.code, each.message) for each in found if each.code.startswith("LNK")]

    def waiting(self) -> list[int]:
        with self.mailer.database.reading() as session:
            return asking.awaiting(session, now=self.clock.at)


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    site, clock = Answering(), Clock()
    mailer = replace(a_mailer(database, tmp_path), fetcher=site, clock=clock)
    blocks = [story(id="a", link="https://a.org/"), story(id="b", link="https://b.org/")]
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 1)
        issue = a_campaign(session, newsletter.id, {"version": 1, "blocks": blocks})
    return Place(mailer, site, clock, issue.id)


def test_addresses_are_asked_once_nobody_has_edited_for_a_while(place: Place) -> None:
    assert place.waiting() == []
    place.clock.at += editing.ASKED_AFTER
    assert place.waiting() == [place.issue]
    with place.mailer.database.writing() as session:
        document = editing.find(session, place.issue).document
        editing.edit(session, place.issue, document=document, actor=TESTER, now=place.clock.at)
    assert place.waiting() == []


def test_a_step_of_asking_is_not_taken_by_the_clock(place: Place) -> None:
    with place.mailer.database.reading() as session:
        assert due.due(session, now=NOW + timedelta(days=1)) == []


def test_what_was_heard_is_told_with_when_it_was(place: Place) -> None:
    place.site.answers["https://a.org/"] = GONE
    place.clock.at += timedelta(minutes=1)

    assert ask_addresses(place.mailer, place.issue) == 2
    place.clock.at += timedelta(minutes=3)

    assert place.codes()[0] == (
        "LNK2",
        "This address doesn’t work: 404 Page not found. (checked 3 min ago)",
    )
    assert place.waiting() == []


def test_an_address_that_works_is_asked_again_after_an_hour_and_a_broken_one_sooner(
    place: Place,
) -> None:
    place.site.answers["https://a.org/"] = GONE
    place.clock.at += timedelta(minutes=1)
    ask_addresses(place.mailer, place.issue)
    place.site.asked.clear()

    for minutes in (5, 15, 61):
        place.clock.at = NOW + timedelta(minutes=minutes + 1)
        with place.mailer.database.writing() as session:
            asking.ask_soon(session, place.issue, now=place.clock.at)
        ask_addresses(place.mailer, place.issue)

    assert place.site.asked == ["https://a.org/", "https://a.org/", "https://b.org/"]


def test_two_runs_at_once_ask_once(place: Place) -> None:
    place.clock.at += timedelta(minutes=1)

    class Twice(Answering):
        def ask(self, url: str, *, allowance: AskingAllowance | None = None) -> AddressAnswer:
            assert ask_addresses(place.mailer, place.issue) == 0
            return FINE

    mailer = replace(place.mailer, fetcher=Twice())

    assert ask_addresses(mailer, place.issue) == 2


def test_an_edit_in_the_middle_of_a_run_has_it_asked_again(place: Place) -> None:
    place.clock.at += timedelta(minutes=1)

    class Edited(Answering):
        def ask(self, url: str, *, allowance: AskingAllowance | None = None) -> AddressAnswer:
            with place.mailer.database.writing() as session:
                found = editing.find(session, place.issue)
                now = place.clock.at
                editing.edit(session, found.id, document=found.document, actor=TESTER, now=now)
            return FINE

    ask_addresses(replace(place.mailer, fetcher=Edited()), place.issue)
    place.clock.at += editing.ASKED_AFTER

    assert place.waiting() == [place.issue]


def test_what_a_run_had_no_time_for_is_kept_for_the_next(place: Place) -> None:
    place.site.answers["https://b.org/"] = AddressAnswer(Answered.LATER, None, "Enough.")
    place.clock.at += timedelta(minutes=1)

    assert ask_addresses(place.mailer, place.issue) == 1
    assert place.waiting() == []
    place.clock.at += timedelta(minutes=2)
    assert place.waiting() == [place.issue]

    with place.mailer.database.reading() as session:
        assert session.scalars(select(CheckedAddress.url)).all() == ["https://a.org/"]
    assert ("LNK2", "1 address of links and pictures wasn’t checked yet.") in place.codes()


def test_an_address_that_makes_us_fail_keeps_no_other_from_being_asked(place: Place) -> None:
    class Failing(Answering):
        def ask(self, url: str, *, allowance: AskingAllowance | None = None) -> AddressAnswer:
            if url == "https://a.org/":
                raise RuntimeError("a fault of ours")
            return GONE

    place.clock.at += timedelta(minutes=1)

    assert ask_addresses(replace(place.mailer, fetcher=Failing()), place.issue) == 2
    assert {"LNK2", "LNK7"} <= {code for code, _ in place.codes()}


def test_nothing_is_asked_for_an_issue_that_is_gone_or_not_due(place: Place) -> None:
    assert ask_addresses(place.mailer, place.issue) == 0
    assert ask_addresses(place.mailer, 99) == 0
    assert place.site.asked == []
    with place.mailer.database.reading() as session:
        (step,) = session.scalars(select(Step).where(Step.kind == StepKind.ADDRESSES))
        assert step.done_at is None
