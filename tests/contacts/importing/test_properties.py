"""Whatever rows come, in whatever order and files: no consent grows, and no row is lost."""

import csv
import io
from collections.abc import Sequence
from itertools import count, pairwise
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contacts.database import Database
from contacts.importing import FileChoices, Says, chunks
from contacts.models import (
    Contact,
    Newsletter,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
)
from contacts.permission.subscriptions import unsubscribe
from contacts.permission.suppressions import suppress
from tests.contacts.importing.sample_files import a_file, imported
from tests.factories import NOW, TESTER, a_contact, a_newsletter

ROUNDS = count()  # each example has people of its own, in one database
WORDS = {
    "subscribed": Says.YES,
    "unsubscribed": Says.NO,
    "do not email": Says.NEVER,
    "cleaned": Says.GONE,
    "complaint": Says.COMPLAINT,
    "pending": Says.PENDING,
    "": Says.NOTHING,
}
MEANS_NOTHING = FileChoices({2: {"": Says.NOTHING}})
WHO = st.sampled_from(
    [
        ("Al Bell", "al"),
        ("Al Bell", "AL"),
        ("Bo Cox", "bo"),
        ("", "bo"),
        ("Cy Dow", "shared"),
        ("Di Eve", "shared"),
        ("Left Leo", "left"),
        ("Kim Kept", "kept"),
    ]
)
SAID = st.lists(st.tuples(WHO, st.sampled_from([*WORDS])), min_size=1, max_size=12)
SETTINGS = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def the_newsletter(database: Database) -> int:
    with database.writing() as session:
        found = session.scalar(select(func.min(Newsletter.id)))
        return found or a_newsletter(session).id


@SETTINGS
@given(
    said=SAID,
    cuts=st.lists(st.integers(0, 12), max_size=2),
    subscribing=st.lists(st.booleans(), min_size=3, max_size=3),
    size=st.sampled_from([1, 2, 10_000]),
)
def test_whoever_said_no_anywhere_is_subscribed_by_no_order_of_rows_and_files(
    database: Database,
    tmp_path: Path,
    said: list[tuple[tuple[str, str], str]],
    cuts: list[int],
    subscribing: list[bool],
    size: int,
) -> None:
    newsletter, tag = the_newsletter(database), f"r{next(ROUNDS)}"
    left, kept = f"left-{tag}@a.example", f"kept-{tag}@a.example"
    with database.writing() as session:
        leo = a_contact(session, "Left Leo", left, session.get_one(Newsletter, newsletter))
        unsubscribe(session, leo.id, newsletter, source=TESTER, now=NOW)
        suppress(session, kept, SuppressionReason.DO_NOT_EMAIL, source=TESTER, now=NOW)
    places = [0, *sorted(min(cut, len(said)) for cut in cuts), len(said)]
    parts = [said[one:two] for one, two in pairwise(places) if one < two]

    with mock.patch.object(chunks, "CHUNK", size):
        for part, subscribes in zip(parts, subscribing, strict=False):
            rows = [(name, f"{who}-{tag}@a.example", word) for (name, who), word in part]
            more = {"newsletter_id": newsletter, "basis": "They asked"} if subscribes else {}
            imported(database, _file(tmp_path, rows), choices=MEANS_NOTHING, **more)

    with database.reading() as session:
        subscribed = set(
            session.scalars(
                select(Contact.address_key)
                .join(Subscription, Subscription.contact_id == Contact.id)
                .where(Subscription.status == SubscriptionStatus.SUBSCRIBED)
                .where(Contact.address_key.contains(f"-{tag}@"))
            )
        )
        stopped = dict(session.execute(select(Suppression.address_key, Suppression.reason)).all())
    refused = {f"{who.lower()}-{tag}@a.example" for (_, who), word in said if WORDS[word].stops}
    left_it = {
        f"{who.lower()}-{tag}@a.example" for (_, who), word in said if WORDS[word] is Says.NO
    }
    hard = {
        f"{who.lower()}-{tag}@a.example"
        for (_, who), word in said
        if WORDS[word] in {Says.NEVER, Says.GONE, Says.COMPLAINT}
    }
    mailed = subscribed - stopped.keys()
    assert not mailed & (refused | {left, kept})
    assert not subscribed & left_it
    assert hard <= stopped.keys()
    assert stopped[kept] is SuppressionReason.DO_NOT_EMAIL
    event(f"{len(parts)} files, {len(mailed)} mailed")


def _file(folder: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    held = io.StringIO()
    csv.writer(held).writerows([("Name", "Email", "Email status"), *rows])
    return a_file(folder, held.getvalue())


CELLS = st.lists(
    st.sampled_from(
        ["", " ", "Al Bell", "Bo", "al@a.example", "bo@a.example", "bad@", "x" * 300, "yes", "=1"]
    ),
    max_size=7,
)
PERSON = st.tuples(
    st.sampled_from(["", "Al Bell", "Bo", "Cy Dow"]),
    st.sampled_from(["", "al@a.example", "office@a.example", "b@a.example; c@a.example", "bad"]),
    st.sampled_from(["", "bo@a.example", "bad", "office@a.example"]),
    st.sampled_from(["yes", "no", "", "perhaps"]),
).map(list)


@SETTINGS
@given(rows=st.lists(PERSON | CELLS, min_size=1, max_size=25), size=st.sampled_from([1, 3, 10_000]))
def test_every_row_stands_in_the_result_under_one_heading(
    database: Database, tmp_path: Path, rows: list[list[str]], size: int
) -> None:
    newsletter = the_newsletter(database)
    header = ["Name", "Email", "Email 2", "Subscribed"]
    held = io.StringIO()
    csv.writer(held).writerows([header, ["Ann", "ann@a.example", "", "yes"], *rows])
    path = a_file(tmp_path, held.getvalue())
    written = 1 + sum(any(map(str.strip, row)) for row in rows)
    before = _people(database)

    with mock.patch.object(chunks, "CHUNK", size):
        result = imported(database, path, newsletter_id=newsletter, basis="They asked")

    counts = result.counts
    headings = (counts.added, counts.updated, counts.unchanged, counts.skipped.total())
    assert sum(headings) + counts.failed == result.done == result.rows == written
    assert len({each.row for each in result.problems}) == counts.failed
    assert _people(database) == before + counts.added
    event(f"failed {counts.failed > 0}, skipped {counts.skipped.total() > 0}")


def _people(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Contact)) or 0
