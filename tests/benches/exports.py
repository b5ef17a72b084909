"""How fast a million people are written as CSV, beside what the database writes of the same join.

``python -m tests.benches.exports [FOLDER]``: on both databases, in turns with the version of
another checkout where one is named. What both versions write has to be the same, octet for octet.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import text

from contacts.database import Database
from contacts.exporting.csv import write_csv
from contacts.membership.categories import ensure_categories
from mailer import migrations
from tests import services
from tests.benches.populating import populate
from tests.factories import a_newsletter

PEOPLE = 1_000_000
RUNS = 3
_HERE = Path(__file__).resolve().parents[2]
_STAMP = "'2026-11-10 10:00:00.000000'"
# The labels of a person in one cell; the two databases differ in the word for it.
_JOIN = """
    SELECT c.name, c.first_name, c.last_name, c.email, o.name,
        CASE WHEN c.organisation_id IS NULL THEN own.name ELSE theirs.name END,
        r.labels, t.labels, n1.status, n2.status, x.reason, x.at, x.detail
    FROM contacts c
    LEFT JOIN organisations o ON o.id = c.organisation_id
    LEFT JOIN categories theirs ON theirs.id = o.category_id
    LEFT JOIN categories own ON own.id = c.own_category_id
    LEFT JOIN suppressions x ON x.address_key = c.address_key
    LEFT JOIN (SELECT contact_id, {together}(name, '; ') AS labels FROM contact_roles
        JOIN roles ON roles.id = role_id GROUP BY contact_id) r ON r.contact_id = c.id
    LEFT JOIN (SELECT contact_id, {together}(name, '; ') AS labels FROM contact_tags
        JOIN tags ON tags.id = tag_id GROUP BY contact_id) t ON t.contact_id = c.id
    LEFT JOIN subscriptions n1 ON n1.contact_id = c.id AND n1.newsletter_id = 1
    LEFT JOIN subscriptions n2 ON n2.contact_id = c.id AND n2.newsletter_id = 2
    ORDER BY c.id
"""


def run(other: str = "") -> None:
    """Ours, the version in the folder ``other`` where one is named, and the database's own."""
    with tempfile.TemporaryDirectory() as name, services.postgres(durable=True) as server:
        folder = Path(name)
        server.execute("CREATE DATABASE exports")
        for url in (f"sqlite:///{folder}/exports.db", server.url("exports")):
            kind = url.partition(":")[0].partition("+")[0]
            fill(url)
            taken: dict[str, list[tuple[float, float]]] = {}
            checkouts = {"before": other, "ours": str(_HERE)} if other else {"ours": str(_HERE)}
            for _ in range(RUNS):
                for what, checkout in checkouts.items():
                    taken.setdefault(what, []).append(_apart(url, checkout, folder / what))
                taken.setdefault("the database's own", []).append(_own(url, folder))
            if other and (folder / "before").read_bytes() != (folder / "ours").read_bytes():
                raise SystemExit("The two versions write different files.")
            theirs = median(seconds for seconds, _ in taken["the database's own"])
            for what, runs in taken.items():
                seconds = median(seconds for seconds, _ in runs)
                print(
                    f"{kind}, {what}: {seconds:.2f} s ({seconds / theirs:.2f} x the database's "
                    f"own), of this process {median(used for _, used in runs):.2f} s",
                    flush=True,
                )


def fill(url: str) -> None:
    """A million people with organisations, categories, roles, tags, newsletters; some stopped."""
    database = Database(url)
    migrations.upgrade(database.engine)
    populate(database, PEOPLE)
    numbers = (
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5000)"
        if database.is_sqlite
        else "WITH s AS (SELECT generate_series(1, 5000) AS n)"
    )
    with database.writing() as session:
        ensure_categories(session)
        second = a_newsletter(session, "second").id
        script = f"""
            INSERT INTO organisations (slug, name, name_key, category_id, created_at)
                {numbers} SELECT 'council-' || n, 'Council ' || n, 'council ' || n,
                (SELECT min(id) FROM categories) + n % 3, {_STAMP} FROM s;
            UPDATE contacts SET organisation_id = 1 + id % 5000 WHERE id % 10 <> 0;
            UPDATE contacts SET name = '=' || name WHERE id % 5000 = 1;
            INSERT INTO roles (slug, name)
                VALUES ('leader', 'Leader'), ('chair', 'Chair'), ('clerk', 'Clerk');
            INSERT INTO tags (slug, name) VALUES ('press', 'Press'), ('local', 'press, local');
            INSERT INTO contact_roles (contact_id, role_id) SELECT c.id, r.id
                FROM contacts c JOIN roles r ON c.id % 6 = r.id OR c.id % 5 = r.id;
            INSERT INTO contact_tags (contact_id, tag_id) SELECT c.id, t.id
                FROM contacts c JOIN tags t ON c.id % 7 = t.id OR c.id % 11 = 3;
            INSERT INTO subscriptions (contact_id, newsletter_id, status, changed_at)
                SELECT id, {second}, 'subscribed', {_STAMP} FROM contacts WHERE id % 4 = 0;
            INSERT INTO suppressions (address_key, reason, source, detail, at)
                SELECT address_key, 'bounced', 'command', '550 no such user', {_STAMP}
                FROM contacts WHERE id % 50 = 7
        """
        for statement in script.split(";"):
            session.execute(text(statement))
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
    database.dispose()


def measure(url: str, path: str) -> None:
    """Write everybody to a file, and say how long it took."""
    database = Database(url)
    with database.reading() as session, Path(path).open("w", newline="") as file:
        began, used = perf_counter(), process_time()
        for _ in write_csv(session, file):
            pass
        print(perf_counter() - began, process_time() - used)


def _apart(url: str, checkout: str, path: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, url, path],
        env={**os.environ, "PYTHONPATH": checkout},
        cwd=checkout,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, used = map(float, done.stdout.split())
    return seconds, used


def _own(url: str, folder: Path) -> tuple[float, float]:
    """The same join by ``\\copy``, or by what SQLite brings for the command line."""
    query = " ".join(_JOIN.split())
    path = folder / "own.csv"
    if url.startswith("sqlite"):
        query = query.format(together="group_concat")
        call = ["sqlite3", "-csv", "-header", url.removeprefix("sqlite:///"), query]
    else:
        query = query.format(together="string_agg")
        plain = url.replace("postgresql+psycopg", "postgresql")
        call = ["psql", plain, "-c", f"\\copy ({query}) TO STDOUT WITH (FORMAT csv, HEADER)"]
    with path.open("wb") as file:
        began, used = perf_counter(), _children()
        subprocess.run(call, stdout=file, check=True)
        return perf_counter() - began, _children() - used


_children: Callable[[], float] = lambda: sum(os.times()[2:4])  # noqa: E731


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(*sys.argv[1:])
    else:
        run(*sys.argv[1:])
