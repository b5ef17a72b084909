"""Running: killed, doubled, rehearsed; whatever happens, every row is counted once."""

import csv
import io
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contacts.database import Database
from contacts.importing import chunks, keep, preview, rehearse, result_of, run, steps
from contacts.models import (
    AuditEntry,
    Consent,
    Contact,
    Import,
    ImportProblem,
    ImportStatus,
    Newsletter,
    Organisation,
    Subscription,
    SubscriptionStatus,
    Tag,
)
from contacts.permission.subscriptions import unsubscribe
from tests.contacts.importing.sample_files import GOOD, a_file, imported, people, recorded, summary
from tests.factories import NOW, TESTER, a_cast, a_contact, a_newsletter

TABLES = (Contact, Organisation, Subscription, Consent, Tag, Import, ImportProblem, AuditEntry)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven rows a chunk: what takes a million rows otherwise happens in a hundred."""
    monkeypatch.setattr(chunks, "CHUNK", 7)


def clock() -> datetime:
    return NOW


def counts_of(database: Database) -> list[int]:
    with database.reading() as session:
        return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in TABLES]


def many(number: int) -> str:
    rows = [
        f"Person {place},{'bad' if place % 10 == 0 else f'p{place}@a.example'},Council {place % 3}"
        for place in range(1, number + 1)
    ]
    return "name,email,council\n" + "\n".join(rows)


def test_an_import_that_was_killed_goes_on_where_it_was(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id
    import_id = recorded(
        database, a_file(tmp_path, many(100)), newsletter_id=newsletter, basis="they asked"
    )
    killed = steps(database, import_id, clock=clock)
    next(killed)
    next(killed)
    with database.reading() as session:
        half = result_of(session, import_id, problems=100)
    killed.close()

    run(database, import_id, clock=clock)

    with database.reading() as session:
        result = result_of(session, import_id, problems=100)
    assert (half.done, half.counts.rows, half.status) == (14, 14, ImportStatus.RUNNING)
    assert summary(result) == (90, 0, 0, 0, 10)
    assert result.status is ImportStatus.DONE
    assert [problem.row for problem in result.problems] == [10 * n + 1 for n in range(1, 11)]
    assert len(people(database)) == 90
    assert counts_of(database)[3] == 90


def test_a_chunk_that_dies_before_its_commit_leaves_no_trace(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = recorded(database, a_file(tmp_path, many(20)))
    with monkeypatch.context() as dying:
        dying.setattr(chunks, "_keep_problems", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(database, import_id, clock=clock)
    with database.reading() as session:
        dead = result_of(session, import_id, problems=1)

    run(database, import_id, clock=clock)

    with database.reading() as session:
        result = result_of(session, import_id, problems=1)
    assert (dead.done, dead.status) == (0, ImportStatus.RUNNING)
    assert summary(result) == (18, 0, 0, 0, 2)
    assert len(people(database)) == 18


def test_of_two_that_run_at_once_each_chunk_is_applied_once(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id
    import_id = recorded(
        database, a_file(tmp_path, many(200)), newsletter_id=newsletter, basis="they asked"
    )
    together = threading.Barrier(3)

    def runner() -> None:
        together.wait()
        for _ in range(100):  # whoever is behind stops; it is asked again, as the sweep does
            run(database, import_id, clock=clock)

    threads = [threading.Thread(target=runner) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as session:
        result = result_of(session, import_id, problems=0)
    assert result.status is ImportStatus.DONE
    assert (summary(result), result.done) == ((180, 0, 0, 0, 20), 200)
    assert len(people(database)) == 180
    assert counts_of(database)[3] == 180


def test_an_import_that_is_done_or_not_started_is_left_alone(
    database: Database, tmp_path: Path
) -> None:
    result = imported(database, a_file(tmp_path, GOOD))
    run(database, result.id, clock=clock)
    with database.writing() as session:
        session.get_one(Import, result.id).status = ImportStatus.CHECKING
    run(database, result.id, clock=clock)
    run(database, 999, clock=clock)

    assert len(people(database)) == 2


def test_a_file_that_has_gone_ends_the_import_in_a_sentence(
    database: Database, tmp_path: Path
) -> None:
    path = a_file(tmp_path, GOOD)
    import_id = recorded(database, path)
    path.unlink()

    run(database, import_id, clock=clock)

    with database.reading() as session:
        result = result_of(session, import_id, problems=0)
    assert (result.status, result.trouble) == (
        ImportStatus.FAILED,
        "The uploaded file is not there any more. Upload it again.",
    )


def test_chunk_borders_do_not_change_what_comes_of_a_file(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ["Al,al@a.example,", "Al B,al@a.example,Aldmor", "Cy,,Aldmor", "Cy,,Aldmor"] * 4
    path = a_file(tmp_path, "name,email,council\n" + "\n".join(rows))
    results = []
    for size in (1, 3, 100):
        monkeypatch.setattr(chunks, "CHUNK", size)
        found = preview(path)
        results.append(summary(rehearse(database, found.sheet, columns=found.columns, clock=clock)))

    assert results == [(2, 1, 13, 0, 0)] * 3


@pytest.mark.parametrize("number", [5, 40])
def test_a_rehearsal_counts_the_same_and_keeps_nothing(
    database: Database, tmp_path: Path, number: int
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id
        a_contact(session, "", "p1@a.example")
    path = a_file(tmp_path, many(number) + "\n" + many(3).partition("\n")[2])
    found = preview(path)
    before = counts_of(database)

    rehearsed = rehearse(
        database,
        found.sheet,
        columns=found.columns,
        newsletter_id=newsletter,
        basis="they asked",
        clock=clock,
    )
    after = counts_of(database)
    done = imported(database, path, newsletter_id=newsletter, basis="they asked")

    assert before == after
    assert (rehearsed.counts, rehearsed.problems) == (done.counts, done.problems[:100])
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith("reh")) == []


def test_more_problems_than_can_be_kept_are_counted(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MOST_PROBLEMS", 10)
    path = a_file(tmp_path, "email\n" + "not one\n" * 25 + "al@a.example\n")

    result = imported(database, path)

    assert summary(result) == (1, 0, 0, 0, 25)
    assert (len(result.problems), result.counts.problems) == (10, 25)


def test_the_file_is_kept_under_its_digest_for_us_alone(tmp_path: Path) -> None:
    path = a_file(tmp_path, GOOD)

    kept = keep(path, tmp_path / "uploads")

    assert kept.read_bytes() == path.read_bytes()
    assert kept.stem == preview(kept).sheet.digest
    assert kept.stat().st_mode & 0o777 == 0o600
    assert keep(path, tmp_path / "uploads") == kept


def test_a_slow_database_gets_smaller_chunks() -> None:
    pace = chunks.Pace(adapts=True)
    pace.size = 10_000
    pace.took(timedelta(seconds=0.5))

    assert pace.size == 5_000


NAMES = st.sampled_from(["", "Al Bell", "al bell", "Bo", "=Cy", "Zoë", "x" * 300])
EMAILS = st.sampled_from(
    [
        *("", "al@a.example", "AL@a.example", "bo@a.example", "office@a.example", "bad"),
        *("left@a.example", "bob@bexmoor.example", "a@b.example\r\nBcc: x@y.example"),
    ]
)
PLACES = st.sampled_from(["", "Aldmor", "ALDMOR", "Bexmoor"])
CATEGORIES = st.sampled_from(["", "full", "assoc", "Gold"])
ROWS = st.lists(st.tuples(NAMES, EMAILS, PLACES, CATEGORIES), min_size=1, max_size=25)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, subscribing=st.booleans())
def test_every_row_is_counted_once_and_nobody_who_left_comes_back(
    database: Database, tmp_path: Path, rows: list[tuple[str, ...]], subscribing: bool
) -> None:
    with database.writing() as session:
        if session.scalar(select(func.count()).select_from(Contact)) == 0:
            cast = a_cast(session)
            newsletter = session.get_one(Newsletter, cast.newsletter)
            left = a_contact(session, "Left", "left@a.example", newsletter)
            unsubscribe(session, left.id, newsletter.id, source=TESTER, now=NOW)
            a_contact(session, "Al Bell", "office@a.example")
            a_contact(session, "Bo", "office@a.example")
        newsletter_id = session.scalar(select(func.min(Subscription.newsletter_id)))
    held = io.StringIO()
    csv.writer(held).writerows([("name", "email", "council", "category"), *rows])
    path = a_file(tmp_path, held.getvalue())
    more = {"newsletter_id": newsletter_id, "basis": "they asked"} if subscribing else {}
    filled = sum(any(map(str.strip, row)) for row in rows)
    if not filled:
        return

    first = imported(database, path, **more)
    before = counts_of(database)[:5]
    second = imported(database, path, **more)

    assert first.counts.rows == second.counts.rows == first.done == filled
    assert (second.counts.added, second.counts.updated) == (0, 0)
    assert counts_of(database)[:5] == before
    with database.reading() as session:
        left_again = session.scalar(
            select(Subscription.status)
            .join(Contact, Contact.id == Subscription.contact_id)
            .where(Contact.address_key == "left@a.example")
        )
    assert left_again is SubscriptionStatus.UNSUBSCRIBED


def test_a_rehearsal_ends_in_time_and_says_how_far_it_came(
    database: Database, tmp_path: Path
) -> None:
    people = "".join(f"p{n}@a.example,P{n}\n" for n in range(90))
    found = preview(a_file(tmp_path, f"Email,Name\n{people}"))

    whole = rehearse(database, found.sheet, columns=found.columns, within=60.0, clock=clock)
    hasty = rehearse(database, found.sheet, columns=found.columns, within=0.0, clock=clock)

    assert hasty.rows == whole.rows == 90
    assert 0 < hasty.counts.rows < 90
    assert whole.counts.rows >= hasty.counts.rows
