"""How fast a file of new people with consent is taken in, beside bare SQL with the same data.

``python -m tests.benches.imports [--rows 1000000] [--database URL] [--runs 3]``: without a URL,
a new SQLite file and a PostgreSQL of its own, each measured in processes of their own.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from contacts.database import Database
from contacts.importing import prepare, preview, result_of, start, steps
from contacts.models import Consent, Contact, Subscription
from mailer import clock, migrations
from tests import services
from tests.factories import a_newsletter

NOW = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
_COLUMNS = "email, address_key, name, first_name, last_name, organisation_id, counted, created_at"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--database", help="An empty database; nothing else should use it.")
    options = parser.parse_args()
    run(options.rows, options.runs, options.database)


def run(rows: int = 1_000_000, runs: int = 3, database: str | None = None) -> None:
    """Ours and bare SQL in turns, on both kinds of database; or ours alone on ``database``."""
    with tempfile.TemporaryDirectory(prefix="circular-bench-") as folder:
        path = Path(folder) / "people.csv"
        write_file(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB", flush=True)
        if database:
            show("given", [apart(ours, database, path)])
            return
        for kind in ("sqlite", "postgresql"):
            with databases(kind, Path(folder)) as new:
                measured = [
                    (apart(ours, new(), path), apart(bare, new(), path)) for _ in range(runs)
                ]
            show(f"{kind}, our import", [mine for mine, _ in measured])
            show(f"{kind}, bare SQL", [theirs for _, theirs in measured])
            ratio = statistics.median(m["seconds"] / t["seconds"] for m, t in measured)
            print(f"{kind}: {ratio:.2f} x the time of bare SQL", flush=True)


def write_file(path: Path, rows: int) -> None:
    """People of 500 councils, as a membership database would export them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("Name,E-mail addr,Organisation,Memb type\r\n")
        for number in range(rows):
            file.write(
                f"Amrit{number % 977} Kaur-Bell{number},"
                f"amrit.kaur{number}@council{number % 500}.example,"
                f"Council {number % 500},{('Full', 'assoc', 'Affil.', 'Supporter')[number % 4]}\r\n"
            )


def ours(url: str, path: Path) -> dict[str, float]:
    """The import itself, as a worker runs it."""
    database = Database(url)
    longest = _time_transactions(database)
    with database.writing() as session:
        newsletter_id = a_newsletter(session).id
    before = time.perf_counter()
    found = preview(path)
    examined = time.perf_counter() - before
    with database.writing() as session:
        record = prepare(
            session,
            found.sheet,
            filename="people.csv",
            columns=found.columns,
            newsletter_id=newsletter_id,
            basis="a bench",
            now=NOW,
        )
        start(session, record.id)
    for _ in steps(database, record.id, clock=clock.now):
        pass
    seconds = time.perf_counter() - before
    with database.reading() as session:
        result = result_of(session, record.id, problems=3)
        for kind in (Contact, Subscription, Consent):
            number = session.scalar(select(func.count()).select_from(kind))
            assert number == result.counts.added == result.rows, (kind, number, result)
    return {"seconds": seconds, "examine": examined, "longest": longest(), "rows": result.rows}


def bare(url: str, path: Path) -> dict[str, float]:
    """The same rows by the barest means: no checks, no matching, an INSERT … SELECT a table."""
    database = Database(url)
    with database.writing() as session:
        newsletter_id = a_newsletter(session).id
        session.execute(
            text(
                "INSERT INTO organisations (slug, name, name_key, created_at)"
                " VALUES (:s, :s, :s, :at)"
            ),
            [{"s": f"c{number}", "at": str(NOW)} for number in range(500)],
        )
    longest = _time_transactions(database)
    before = time.perf_counter()
    done = 0
    with path.open(encoding="utf-8", newline="") as file:
        lines = islice(file, 1, None)
        while batch := [line.split(",") for line in islice(lines, 10_000)]:
            with database.writing() as session:
                _bare_chunk(session, batch, newsletter_id)
            done += len(batch)
    return {"seconds": time.perf_counter() - before, "longest": longest(), "rows": done}


def _bare_chunk(session: Any, batch: list[list[str]], newsletter_id: int) -> None:
    connection = session.connection()
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE IF NOT EXISTS given (email text, name text, organisation integer)"
    )
    connection.exec_driver_sql("DELETE FROM given")
    rows = [(email, name, int(place[8:]) + 1) for name, email, place, _ in batch]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO given VALUES (?, ?, ?)", rows)
    else:
        cursor = connection.connection.driver_connection.cursor()
        with cursor.copy("COPY given FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    last = session.scalar(text("SELECT coalesce(max(id), 0) FROM contacts"))
    session.execute(
        text(
            f"INSERT INTO contacts ({_COLUMNS}, updated_at) SELECT email, lower(email), name, name,"
            " name, organisation, false, :at, :at FROM given"
        ),
        {"at": NOW if connection.dialect.name != "sqlite" else str(NOW)},
    )
    values = {"n": newsletter_id, "last": last, "at": str(NOW)}
    if connection.dialect.name != "sqlite":
        values["at"] = NOW
    session.execute(
        text(
            "INSERT INTO subscriptions (contact_id, newsletter_id, status, changed_at)"
            " SELECT id, :n, 'subscribed', :at FROM contacts WHERE id > :last"
        ),
        values,
    )
    session.execute(
        text(
            "INSERT INTO consents (contact_id, newsletter_id, purpose, act, at, source, basis)"
            " SELECT id, :n, 'mailing', 'given', :at, 'bench', 'b' FROM contacts WHERE id > :last"
        ),
        values,
    )


def _time_transactions(database: Database) -> Any:
    """How long the longest writing transaction held the writer, commit included."""
    held = [0.0]
    writing = database.writing

    @contextmanager
    def timed() -> Iterator[Any]:
        with_writer = writing()
        session = with_writer.__enter__()
        # SQLite's writer is taken at the first statement; asking for it starts the clock there.
        session.connection()
        began = time.perf_counter()
        try:
            yield session
        except BaseException as error:  # handed to the one it stands for
            with_writer.__exit__(type(error), error, None)
            raise
        with_writer.__exit__(None, None, None)
        held[0] = max(held[0], time.perf_counter() - began)

    database.writing = timed  # type: ignore[method-assign,assignment]  # a stopwatch round the real one
    return lambda: held[0]


def apart(measure: Any, url: str, path: Path) -> dict[str, float]:
    """Measure in a process of its own, whose memory is only its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        found: dict[str, float] = pool.apply(_measured, (measure, url, path))
    return found


def _measured(measure: Any, url: str, path: Path) -> dict[str, float]:
    found: dict[str, float] = measure(url, path)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Any]:
    """A maker of new migrated databases of one kind."""
    if kind == "sqlite":
        numbers = iter(range(1000))

        def new_file() -> str:
            for old in folder.glob("bench-*.db*"):
                old.unlink()
            url = f"sqlite:///{folder}/bench-{next(numbers)}.db"
            database = Database(url)
            migrations.upgrade(database.engine)
            database.dispose()
            return url

        yield new_file
        return
    with services.postgres(durable=True) as server:
        names = iter(range(1000))

        def new_database() -> str:
            name = f"bench_{next(names)}"
            server.execute(f"CREATE DATABASE {name}")
            database = Database(server.url(name))
            migrations.upgrade(database.engine)
            database.dispose()
            return server.url(name)

        yield new_database


def show(title: str, runs: list[dict[str, float]]) -> None:
    seconds = statistics.median(run["seconds"] for run in runs)
    rows = runs[0]["rows"]
    print(
        json.dumps(
            {
                "what": title,
                "median_seconds": round(seconds, 2),
                "all": [round(run["seconds"], 1) for run in runs],
                "rows_per_second": round(rows / seconds),
                "peak_mb": round(max(run["peak_mb"] for run in runs)),
                "longest_transaction": round(max(run["longest"] for run in runs), 3),
                "examine": round(statistics.median(run.get("examine", 0) for run in runs), 2),
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
