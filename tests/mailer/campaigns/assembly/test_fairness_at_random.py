"""A year of issues out of libraries at random: each thing once, in its time, fairly, and why."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Organisation
from mailer.campaigns import due as steps
from mailer.campaigns import timing
from mailer.clock import UK, wall_of
from mailer.models import Campaign, CampaignStatus, LibraryItem, LibraryUse
from mailer.settings.environment import Gate
from mailer.worker.steps_at_work import take_step
from tests.factories import TESTER, TOKENS
from tests.mailer.campaigns.assembly.scene import (
    BLOCKS,
    DRAFTED,
    MADE,
    a_schedule,
    blocks_of,
    issues,
    joined,
    parts,
    ready,
    run,
)
from tests.mailer.campaigns.drafts.test_blocks import at_once

_FORTNIGHTS: Final = 26
_KINDS: Final = ("story", "story", "story", "event", "event", "case_study", "lab", "call", "post")


def _grow(session: Session, chance: Random, members: list[Organisation], now: datetime) -> None:
    for _ in range(chance.randrange(9)):
        kind, at = chance.choice(_KINDS), now - timedelta(hours=chance.randrange(1, 400))
        day = (now + timedelta(days=chance.randrange(-30, 90))).date()
        dated = {"event": "start", "call": "deadline", "post": "published"}
        fields = {dated[kind]: day.isoformat()} if kind in dated else {}
        of = chance.choice([*members, None]) if kind == "story" else None
        ready(session, kind, max(at, MADE - timedelta(days=30)), of=of, **fields)
    if chance.random() < 0.4:
        since = now.date() - timedelta(days=chance.randrange(40))
        joined(session, f"Member {now:%m}{chance.randrange(10**6)} Council", since)


def _go_out(session: Session, chance: Random, issue: Campaign) -> None:
    """It goes out, or is skipped."""
    if chance.random() < 0.25:
        timing.skip(session, issue.id, actor=TESTER, now=issue.created_at)
        return
    issue.started_at, issue.status = issue.goes_out_at, CampaignStatus.SENT


@pytest.mark.parametrize("seed", range(4))
def test_a_year_of_issues_uses_nothing_twice_and_says_why(database: Database, seed: int) -> None:
    chance, now = Random(seed), DRAFTED
    with database.writing() as session:
        members = [joined(session, f"{name} Council", None) for name in ("A", "B", "C", "D")]
        a_schedule(session, BLOCKS)
    for _ in range(_FORTNIGHTS):
        with database.writing() as session:
            _grow(session, chance, members, now)
        run(database, now)
        run(database, now)  # once more changes nothing
        with database.writing() as session:
            for issue in (each for each in issues(session) if each.editable):
                _look(session, issue)
                _go_out(session, chance, issue)
        now += timedelta(days=14)

    with database.reading() as session:
        made = issues(session)
        assert len(made) == 12
        assert len({each.occurrence for each in made}) == len(made)
        used: set[tuple[int, int]] = set()
        rows = session.execute(
            select(LibraryUse.item_id, LibraryUse.revision)
            .join(Campaign, Campaign.id == LibraryUse.campaign_id)
            .where(Campaign.status != CampaignStatus.SKIPPED)
        )
        for item_id, revision in rows:
            assert (item_id, revision) not in used
            used.add((item_id, revision))
        names = [
            each["organisation"]
            for issue in made
            if issue.status is not CampaignStatus.SKIPPED
            for welcome in blocks_of(issue, "member_welcome")
            for each in welcome.get("members", [])
        ]
        assert len(names) == len(set(names))


def _look(session: Session, issue: Campaign) -> None:
    """Everything is there for a reason, and of its time."""
    put = parts(session, issue)
    assert all(each.why.endswith(".") for each in put)
    ids = {each["id"] for each in issue.document["blocks"]}
    assert {each.block_id for each in put} <= ids
    of_items = {each.item_id for each in put if each.item_id is not None}
    of_it = select(LibraryUse.item_id).where(LibraryUse.campaign_id == issue.id)
    assert of_items == set(session.scalars(of_it))
    goes_out = issue.goes_out_at
    assert goes_out is not None
    out = wall_of(goes_out, UK).date()
    for each in session.scalars(select(LibraryItem).where(LibraryItem.id.in_(of_items))):
        if each.kind == "event":
            assert each.on_day is not None
            assert out < each.on_day <= out + timedelta(days=42)
        if each.kind == "call":
            assert each.on_day is not None
            assert each.on_day >= out
    _fair(session, issue)


def _fair(session: Session, issue: Campaign) -> None:
    """No member has two stories while another one’s wait."""
    chosen = [
        session.get_one(LibraryItem, int(each["source"].split(".")[0])).organisation_id
        for each in blocks_of(issue, "story")
        if "source" in each
    ]
    if len(chosen) == len(set(chosen)):
        return
    free = select(LibraryItem.organisation_id).where(
        LibraryItem.kind == "story", LibraryItem.id.not_in(select(LibraryUse.item_id))
    )
    assert not set(session.scalars(free)) - set(chosen)


def test_two_workers_that_fill_issues_at_once_take_nothing_twice(database: Database) -> None:
    with database.writing() as session:
        joined(session, "Aldmor Council", date(2026, 11, 9))
        a_schedule(session, BLOCKS)
        a_schedule(session, BLOCKS, slug="other")
        for number in range(3):
            ready(session, "story", MADE, headline=f"Story {number}")

    with database.reading() as session:
        one, other = steps.due(session, now=DRAFTED)
    at_once(
        database,
        lambda session: take_step(
            session, one, gate=Gate.OPEN, site="", tokens=TOKENS, now=DRAFTED
        ),
        lambda session: take_step(
            session, other, gate=Gate.OPEN, site="", tokens=TOKENS, now=DRAFTED
        ),
    )
    run(database, DRAFTED)  # once more changes nothing

    with database.reading() as session:
        made = issues(session)
        sources = [
            each["source"]
            for issue in made
            for each in blocks_of(issue, "story")
            if "source" in each
        ]
        assert len(made) == 2
        assert len(sources) == len(set(sources)) == 3


def test_a_server_that_was_away_fills_the_next_issue_with_what_is_of_its_time(
    database: Database,
) -> None:
    with database.writing() as session:
        a_schedule(session, BLOCKS)
        ready(session, "event", MADE, title="Over by then", start="2026-12-15")
        ready(session, "event", MADE, title="To come", start="2027-01-20")

    run(database, datetime(2027, 1, 2, 10, 0, tzinfo=UTC))

    with database.reading() as session:
        (issue,) = issues(session)
        assert issue.occurrence == "2027-01-12T10:00"
        assert [each.title for each in parts(session, issue)] == ["To come"]
