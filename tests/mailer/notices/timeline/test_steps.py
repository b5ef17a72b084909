"""One step of a timeline: taken once, late or not at all, and for what the issue is by then."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from contacts.database import Database
from mailer.campaigns import due, timing
from mailer.campaigns.timeline import owning, replanning
from mailer.clock import UK
from mailer.models import Notification, QuietKind, Step, StepKind, SystemMail
from mailer.models.notifications import NewsKind
from mailer.settings.environment import Gate
from mailer.worker.steps_at_work import take_step
from tests.factories import TOKENS
from tests.mailer.notices.timeline.simulating import SITE, Network, uk


@pytest.fixture
def network(database: Database, tmp_path: Path) -> Network:
    """A day after the draft of December was made."""
    made = Network.begun(database, tmp_path, uk("2026-11-12T09:00"))
    made.run(uk("2026-11-18T09:00"))
    return made


def _due(network: Network) -> dict[tuple[StepKind, str], str]:
    issue = network.issue("2026-12")
    with network.database.reading() as session:
        found = session.scalars(
            select(Step).where(
                Step.subject_id == issue.id,
                Step.kind.in_(replanning.OF_TIMELINES),
                Step.done_at.is_(None),
            )
        )
        return {(each.kind, each.occurrence): f"{each.due_at:%d %H:%M}" for each in found}


def _plan(network: Network, wall: str) -> None:
    issue = network.issue("2026-12")
    with network.database.writing() as session:
        timing.plan(
            session,
            issue.id,
            wall=wall,
            zone=UK,
            actor=network.people["Asha"],
            gate=Gate.OPEN,
            now=network.now,
        )
    network.tick()


def test_two_workers_at_once_do_no_step_twice(network: Network) -> None:
    network.now = uk("2026-12-02T09:00")  # many are due at once
    with network.database.reading() as session:
        steps = due.due(session, now=network.now)
    begin = Barrier(2)

    def work(_: int) -> list[int]:
        begin.wait()
        taken = []
        for step_id in steps:
            with network.database.writing() as session:
                if take_step(
                    session, step_id, gate=Gate.OPEN, site=SITE, tokens=TOKENS, now=network.now
                ):
                    taken.append(step_id)
        return taken

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(work, range(2))

    assert sorted([*first, *second]) == sorted(steps)
    with network.database.reading() as session:
        mails = [(each.to_address, each.subject) for each in session.scalars(select(SystemMail))]
    assert len(mails) == len(set(mails))


def test_another_time_moves_what_is_to_come_and_its_old_time_brings_nothing_back(
    network: Network,
) -> None:
    before = _due(network)
    _plan(network, "2026-12-09T15:30")
    moved = _due(network)
    _plan(network, "2026-12-08T10:00")

    assert moved[StepKind.SOON, "2026-12-09T15:30"] == "09 15:15"
    assert moved[StepKind.SUBMIT_BY, "2026-12-09"] == "03 09:00"
    assert not moved.keys() & before.keys()
    assert _due(network) == before


def test_a_step_of_what_was_moved_in_the_meantime_does_nothing(network: Network) -> None:
    network.now = uk("2026-12-02T09:00")
    issue = network.issue("2026-12")
    with network.database.reading() as session:
        step = session.scalars(select(Step).where(Step.kind == StepKind.SUBMIT_BY)).one().id
    with network.database.writing() as session:
        timing.skip(session, issue.id, actor=network.people["Asha"], now=network.now)
    with network.database.writing() as session:
        outcome = take_step(
            session, step, gate=Gate.OPEN, site=SITE, tokens=TOKENS, now=network.now
        )

    assert outcome == "nothing to do: it was planned otherwise"


def test_who_wants_no_mail_finds_it_in_their_list(network: Network) -> None:
    asha = network.people["Asha"].id or 0
    with network.database.writing() as session:
        session.add(QuietKind(operator_id=asha, kind=NewsKind.STORIES))
    network.run(uk("2026-11-27T17:00"))

    with network.database.reading() as session:
        told = session.scalars(select(Notification).order_by(Notification.id)).all()
        mails = session.scalars(select(SystemMail)).all()
    assert [each.kind for each in told if each.operator_id == asha] == ["draft", "stories"]
    assert [each.subject for each in mails] == [
        "Members' Update, December 2026: the draft is ready"
    ]


def test_an_issue_taken_over_by_the_backup_can_be_given_back(network: Network) -> None:
    network.run(uk("2026-12-02T10:00"))
    issue = network.issue("2026-12")
    jo, asha = network.people["Jo"], network.people["Asha"]
    assert issue.owner_id == jo.id

    with network.database.writing() as session:
        owning.hand_over(session, issue.id, asha.id or 0, actor=jo, now=network.now)
    network.run(uk("2026-12-03T10:00"))

    with network.database.reading() as session:
        owner = owning.owner_of(session, network.issue("2026-12"))
    assert owner is not None
    assert owner.id == asha.id


def test_planning_again_changes_nothing(network: Network) -> None:
    before = _due(network)
    issue = network.issue("2026-12")
    for minutes in range(3):
        with network.database.writing() as session:
            replanning.replan(session, issue.id, now=network.now + timedelta(minutes=minutes))

    assert _due(network) == before
