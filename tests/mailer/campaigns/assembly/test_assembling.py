"""Drafts that fill themselves: with what is of their time, free, and whose turn it is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contacts.database import Database
from mailer.authoring import document as documents
from mailer.authoring.document import parse
from mailer.authoring.library import items
from mailer.campaigns import timing
from mailer.campaigns.assembly.overview import overview
from mailer.models import PullIn
from tests.factories import TESTER
from tests.mailer.campaigns.assembly.scene import (
    BLOCKS,
    DRAFTED,
    FRAME,
    MADE,
    a_schedule,
    block,
    blocks_of,
    issues,
    joined,
    parts,
    ready,
    run,
)

EARLY = MADE - timedelta(days=5)


def test_empty_blocks_of_the_template_are_filled_and_each_part_says_why(
    database: Database,
) -> None:
    with database.writing() as session:
        aldmor = joined(session, "Aldmor Council", date(2026, 11, 9))
        a_schedule(session)
        story = ready(session, "story", EARLY, of=aldmor, headline="Our wood")
        ready(session, "event", EARLY, title="Fair", start="2026-12-15T10:00")
        ready(session, "post", EARLY, title="Minutes", published="2026-11-24")

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        assert [each["id"] for each in issue.document["blocks"]][:5] == [
            *("top", "s1", "s2", "events", "new"),
        ]
        filled = block(issue, "s1")
        assert (filled["headline"], filled["layout"]) == ("Our wood", "lead")
        assert filled["source"] == f"{story.id}.1"
        assert "headline" not in block(issue, "s2")
        assert [each["title"] for each in block(issue, "events")["events"]] == ["Fair"]
        assert block(issue, "new")["members"] == [
            {"organisation": "Aldmor Council", "category": "Full", "since": "November 2026"}
        ]
        assert {each.title: each.why for each in parts(session, issue)} == {
            "Our wood": "Ready since 6 Nov; Aldmor Council has not been featured yet.",
            "Fair": "On 15 Dec: after this issue, and by 12 Jan.",
            "Aldmor Council": "Its membership began on 9 Nov, since 17 Oct.",
            "Membership figures": "Counted when the issue goes out.",
            "Minutes": "Published on 24 Nov, since 17 Oct.",
        }
        types = [each["type"] for each in issue.document["blocks"]]
        assert types[-4:] == ["figures", "blog_list", "social_links", "footer"]
        seen = overview(session, issue)
        assert seen is not None
        assert seen.sentence == "5 things pulled in, 1 to write"


def test_events_are_those_from_the_day_after_until_the_next_issue(database: Database) -> None:
    with database.writing() as session:
        a_schedule(session)
        for day in ("12-08", "12-09", "2027-01-12", "2027-01-13"):
            start = day if day.startswith("2027") else f"2026-{day}"
            ready(session, "event", EARLY, title=start, start=start)

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        listed = [each["start"] for each in block(issue, "events")["events"]]
        assert listed == ["2026-12-09", "2027-01-12"]


def test_a_long_list_of_events_says_how_many_more_there_are(database: Database) -> None:
    blocks = [
        {**each, "more_link": "https://network.example/events"} if each["id"] == "events" else each
        for each in BLOCKS
    ]
    with database.writing() as session:
        a_schedule(session, blocks)
        for day in range(10, 21):
            ready(session, "event", EARLY, title=f"Event {day}", start=f"2026-12-{day}")

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        listed = block(issue, "events")
        assert len(listed["events"]) == 8
        assert listed["more_words"] == "And 3 more events"


def test_the_member_that_was_featured_longest_ago_comes_first(database: Database) -> None:
    with database.writing() as session:
        a_schedule(session)
        members = {name: joined(session, name, None) for name in ("Aldmor", "Bexmoor", "Carrdale")}
        first = [
            ready(session, "story", EARLY, of=members["Aldmor"], headline="A1"),
            ready(
                session, "story", EARLY + timedelta(hours=1), of=members["Aldmor"], headline="A2"
            ),
            ready(
                session, "story", EARLY + timedelta(hours=2), of=members["Bexmoor"], headline="B1"
            ),
        ]
    run(database, DRAFTED)
    with database.writing() as session:
        (issue,) = issues(session)
        told = [each["headline"] for each in blocks_of(issue, "story")]
        timing.skip(session, issue.id, actor=TESTER, now=DRAFTED)  # nobody was told of any
        for each in first[:1]:
            items.put_in_bin(session, each.id, actor=TESTER, now=DRAFTED)
        ready(session, "story", DRAFTED, of=members["Carrdale"], headline="C1")

    run(database, datetime(2026, 12, 22, 10, 0, tzinfo=UTC))

    assert told == ["A1", "B1"]
    with database.reading() as session:
        again = issues(session)[1]
        assert [each["headline"] for each in blocks_of(again, "story")] == ["A2", "B1"]


def test_only_as_many_stories_as_there_are_blocks_for_them(database: Database) -> None:
    with database.writing() as session:
        a_schedule(session)
        a_schedule(session, FRAME, slug="short")
        for number in range(9):
            ready(session, "story", EARLY + timedelta(minutes=number), headline=f"Story {number}")

    run(database, DRAFTED)

    with database.reading() as session:
        first, second = issues(session)
        counts = [len(blocks_of(each, "story")) for each in (first, second)]
        assert counts == [2, 3]
        sources = [
            each["source"] for issue in (first, second) for each in blocks_of(issue, "story")
        ]
        assert len(set(sources)) == 5


@pytest.mark.parametrize("blocks", [BLOCKS, FRAME])
def test_an_empty_library_gives_an_honest_draft(
    database: Database, blocks: list[dict[str, Any]]
) -> None:
    with database.writing() as session:
        a_schedule(session, blocks)

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        assert [each["id"] for each in issue.document["blocks"]] == [each["id"] for each in blocks]
        seen = overview(session, issue)
        assert seen is not None
        assert seen.sentence.startswith("Nothing pulled in")
        assert seen.missing == (
            "There was no story that is ready, no event before the next issue, no new member and "
            "no new blog post."
        )


def test_what_a_schedule_does_not_pull_in_stays_out(database: Database) -> None:
    with database.writing() as session:
        joined(session, "Aldmor Council", date(2026, 11, 9))
        a_schedule(session, pulls_in=(PullIn.EVENTS,))
        ready(session, "story", EARLY)
        ready(session, "event", EARLY, title="Fair", start="2026-12-15")

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        assert [each.title for each in parts(session, issue)] == ["Fair"]


def test_locked_and_written_blocks_and_those_for_some_stay_as_they_are(
    database: Database,
) -> None:
    kept: list[dict[str, Any]] = [
        {"id": "l", "type": "story", "locked": True},
        {"id": "w", "type": "story", "headline": "Every month", "text": "The same."},
        {"id": "f", "type": "story", "visible_to": ["full"]},
    ]
    with database.writing() as session:
        a_schedule(session, [FRAME[0], *kept, {"id": "s", "type": "story"}, FRAME[1]])
        ready(session, "story", EARLY, headline="One")
        ready(session, "story", EARLY + timedelta(hours=1), headline="Two")

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        assert [block(issue, each["id"]) for each in kept] == kept
        assert block(issue, "s")["headline"] == "One"


def test_a_call_that_is_over_a_draft_and_what_is_in_the_bin_are_left_alone(
    database: Database,
) -> None:
    with database.writing() as session:
        a_schedule(session)
        ready(session, "call", EARLY, what="Over", deadline="2026-12-08T09:00")
        ready(session, "call", EARLY, what="Open", deadline="2026-12-08T18:00")
        binned = ready(session, "story", EARLY, headline="Binned")
        items.put_in_bin(session, binned.id, actor=TESTER, now=EARLY)
        draft = ready(session, "story", EARLY, headline="Draft")
        items.take_back(session, draft.id, actor=TESTER, now=EARLY)

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        assert [each.title for each in parts(session, issue)] == ["Open"]


def test_a_lab_comes_again_only_when_it_has_news(database: Database) -> None:
    with database.writing() as session:
        a_schedule(session)
        lab = ready(session, "lab", MADE, headline="High street")
    run(database, DRAFTED)
    january, february = (
        datetime(2026, 12, 22, 10, 0, tzinfo=UTC),
        datetime(2027, 1, 19, 10, 0, tzinfo=UTC),
    )
    _send_first(database, 0)
    run(database, january)
    _send_first(database, 1)
    with database.writing() as session:
        fields = {**lab.fields, "stage": "published"}
        written = items.WrittenItem(fields)
        items.edit(session, lab.id, written, expected=1, actor=TESTER, now=february)

    run(database, february)

    with database.reading() as session:
        numbers = [len(blocks_of(each, "policy_lab")) for each in issues(session)]
        assert numbers == [1, 0, 1]


def _send_first(database: Database, place: int) -> None:
    """As if the issue had gone out at its time."""
    from mailer.models import CampaignStatus

    with database.writing() as session:
        issue = issues(session)[place]
        issue.started_at, issue.status = issue.goes_out_at, CampaignStatus.SENT


def test_hostile_items_break_no_draft(database: Database) -> None:
    nasty = "</script><script>alert(1)</script> {{ 7*7 }} [x](javascript:alert(1)) \u202e"
    with database.writing() as session:
        joined(session, "Evil <b>{{first_name|x}}</b> Council", date(2026, 11, 9))
        joined(session, "{{broken Council", date(2026, 11, 10))
        a_schedule(session)
        story = ready(session, "story", EARLY, headline="Fine", text="Fine.")
        story.fields = {**story.fields, "headline": nasty, "text": nasty * 200}
        lost = ready(session, "story", EARLY, headline="Of another version")
        lost.fields = {"headline": "H", "was_there_once": "yes"}
        long = ready(session, "story", EARLY, headline="Long")
        long.fields = {**long.fields, "text": "word " * 300_000}
        ready(session, "event", EARLY, title="x" * 900, start="2026-12-15")
        ready(session, "story", EARLY, headline="Good", text="Good.")

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        titles = [each.title for each in parts(session, issue)]
        assert "Good" in titles
        assert "Of another version" not in titles
        assert "Long" not in titles
        assert "{{broken Council" not in titles
        document, problems = documents.read(issue.document)
        assert problems == []
        assert len(document.blocks) >= len(BLOCKS)


def test_a_filled_draft_can_be_sent_as_it_is(database: Database) -> None:
    with database.writing() as session:
        joined(session, "Aldmor Council", date(2026, 11, 9))
        a_schedule(session)
        for kind in ("story", "case_study", "lab", "call"):
            ready(session, kind, EARLY)
        ready(session, "event", EARLY, start="2026-12-15")
        ready(session, "post", EARLY, published="2026-11-20")

    run(database, DRAFTED)

    with database.reading() as session:
        (issue,) = issues(session)
        assert len(parse(issue.document).blocks) >= 9
