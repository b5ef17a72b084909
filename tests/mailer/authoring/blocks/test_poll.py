"""A poll: what a page shows of it, and until when it takes answers."""

from datetime import UTC, datetime

import pytest

from mailer.authoring.blocks.poll import Poll, PollAnswer
from mailer.authoring.document import check_at, parse
from mailer.clock import UK, wall_of
from mailer.composition.links import links_of
from tests.factories import a_poll


@pytest.mark.parametrize(
    ("closes", "last", "late"),
    [
        (
            "2026-12-18",
            datetime(2026, 12, 18, 23, 59, tzinfo=UTC),
            datetime(2026, 12, 19, tzinfo=UTC),
        ),
        # In summer the UK is an hour ahead of UTC.
        (
            "2026-06-18",
            datetime(2026, 6, 18, 22, 59, 59, tzinfo=UTC),
            datetime(2026, 6, 18, 23, 0, tzinfo=UTC),
        ),
        (
            "2026-06-18T12:00",
            datetime(2026, 6, 18, 11, 0, tzinfo=UTC),
            datetime(2026, 6, 18, 11, 1, tzinfo=UTC),
        ),
    ],
)
def test_a_poll_takes_answers_until_its_day_or_hour_is_over_where_the_network_is(
    closes: str, last: datetime, late: datetime
) -> None:
    poll = Poll(closes=closes)

    assert not poll.has_closed(wall_of(last, UK))
    assert poll.has_closed(wall_of(late, UK))


def test_a_poll_without_an_end_stays_open() -> None:
    poll = Poll()

    assert not poll.has_closed(datetime(9999, 1, 1, tzinfo=UTC))
    assert poll.closing_words(UTC) == ""


def test_a_page_shows_the_words_that_everybody_could_have_read() -> None:
    poll = Poll(
        question="What should {{organisation|your council}} do?",
        answers=(PollAnswer(words="Ask {{first_name|me}}"), PollAnswer(words="Rest")),
        thanks="Thank you, {{first_name|friend}}",
    )

    assert poll.asks == "What should your council do?"
    assert list(poll.choices) == [(1, "Ask me"), (2, "Rest")]
    assert poll.thanked == "Thank you, friend"


def test_a_poll_that_has_closed_cant_be_sent_and_its_answers_are_no_counted_links() -> None:
    document = parse({"version": 1, "blocks": [a_poll()]})

    assert links_of(document) == []
    assert check_at(document, datetime(2026, 12, 18, 12, 0, tzinfo=UTC)) == []
    (problem,) = check_at(document, datetime(2026, 12, 19, 12, 0, tzinfo=UTC))
    assert problem.field == "closes"
