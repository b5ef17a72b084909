"""How long pages take beside a million people, on both databases: python -m tests.benches.pages.

One issue has been sent to a million and 400,000 receipts were heard; another is a draft. With the
folder of another checkout as argument its version is measured too, in turns with this one.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import text

from contacts.database import Database
from contacts.membership.categories import ensure_categories
from contacts.segments import library, parse
from mailer import migrations
from mailer.clock import now
from mailer.demo.content import december_issue
from tests import services
from tests.benches.populating import an_officer, populate
from tests.factories import a_campaign, a_mailer

PEOPLE = 1_000_000
ROUNDS = 20
ISSUE = "/issues/members-update/2026-12"
SENT = "/issues/members-update/2026-11"
PAGES = (
    *("/", "/issues/", ISSUE, f"{ISSUE}/send", f"{ISSUE}/approval", f"{ISSUE}/compose"),
    *(SENT, f"{SENT}/report", f"{SENT}/report/people?status=accepted", "/reports"),
    *("/segments/", "/segments/three-rules", "/people/", "/people/?q=person9", "/people/77"),
    *("/organisations/", "/do-not-email/", "/calendar", "/library", "/search?q=person77"),
    *("/schedules/", "/settings", "/contacts/import/", "/notifications", f"{ISSUE}/wont/paused"),
)
_HERE = Path(__file__).resolve().parents[2]


def run(other: str = "") -> None:
    """Both databases; in turns with the checkout in the folder ``other``, where one is named."""
    with tempfile.TemporaryDirectory() as folder, services.postgres(durable=True) as server:
        for url in (f"sqlite:///{folder}/pages.db", server.url("pages")):
            if not url.startswith("sqlite"):
                server.execute("CREATE DATABASE pages")
            for checkout in filter(None, (other, str(_HERE))):
                print(f"-- {url.partition(':')[0]}, {checkout}", flush=True)
                subprocess.run(
                    [sys.executable, __file__, url, folder],
                    env={**os.environ, "PYTHONPATH": checkout},
                    cwd=checkout,
                    check=True,
                )


def measure(url: str, folder: str) -> None:
    """Every page of the database at ``url``, which is filled where it is empty."""
    database = Database(url)
    migrations.upgrade(database.engine)
    with database.reading() as session:
        empty = not session.scalar(text("SELECT count(*) FROM newsletters"))
    if empty:
        fill(database)
    officer = an_officer(a_mailer(database, Path(folder)))
    slowest = []
    for path in PAGES:
        times = []
        for _ in range(ROUNDS):
            began = perf_counter()
            code = officer.get(path).status_code
            times.append(perf_counter() - began)
            if sum(times) > 20:
                break
        late = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        slowest.append(late)
        print(
            f"{path:<52}{code} first {times[0] * 1000:7.0f} ms, median {median(times) * 1000:7.1f}"
            f" ms, one in twenty {late * 1000:7.1f} ms",
            flush=True,
        )
    peak = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    print(f"slowest {max(slowest) * 1000:.0f} ms; {peak} MB of memory at most", flush=True)
    database.dispose()


def fill(database: Database) -> None:
    """A million people with organisations, categories and a sent issue, and a draft."""
    newsletter = populate(database, PEOPLE)
    sqlite = database.is_sqlite
    stamp = "'2026-11-10 10:00:00.000000'"
    with database.writing() as session:
        ensure_categories(session)
        series = (
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5000)"
            if sqlite
            else "WITH s AS (SELECT generate_series(1, 5000) AS n)"
        )
        session.execute(
            text(
                "INSERT INTO organisations (slug, name, name_key, category_id, created_at) "
                f"{series} SELECT 'council-' || n, 'Council ' || n, 'council ' || n, "
                f"(SELECT min(id) FROM categories) + n % 3, {stamp} FROM s"
            )
        )
        session.execute(text("UPDATE contacts SET organisation_id = 1 + id % 5000"))
        session.execute(
            text("INSERT INTO tags (slug, name) VALUES ('press', 'Press'), ('chairs', 'Chairs')")
        )
        session.execute(
            text(
                "INSERT INTO contact_tags (contact_id, tag_id) SELECT id, "
                "(SELECT min(id) FROM tags) FROM contacts WHERE id % 7 = 0"
            )
        )
        a_campaign(session, newsletter, december_issue(), slug="2026-12")
        sent = a_campaign(session, newsletter, december_issue(), slug="2026-11")
        sent_id = sent.id
        rules = {
            "match": "all",
            "rules": [
                {"field": "category", "op": "any_of", "values": ["full", "associate"]},
                {"field": "tag", "op": "none_of", "values": ["press"]},
                {"field": "newsletter", "op": "any_of", "values": ["members-update"]},
            ],
        }
        library.save(session, name="Three rules", group=parse(rules), segment=None, now=now())
        session.flush()
        session.execute(
            text(
                "INSERT INTO deliveries (campaign_id, contact_id, address, status, reason, "
                f"attempts, code, changed_at) SELECT {sent_id}, id, email, "
                "CASE WHEN email IS NULL THEN 'excluded' WHEN id % 500 = 2 THEN 'refused' "
                "ELSE 'accepted' END, CASE WHEN email IS NULL THEN 'no_email' "
                "WHEN id % 500 = 2 THEN 'unknown_user' END, 1, 250, "
                f"{stamp} FROM contacts"
            )
        )
        session.execute(
            text(
                "INSERT INTO receipts (campaign_id, delivery_id, kind, verdict, link, at) SELECT "
                f"{sent_id}, id, CASE WHEN id % 5 = 0 THEN 'clicked' ELSE 'opened' END, "
                "CASE WHEN id % 3 = 0 THEN 'automatic' ELSE 'person' END, "
                "CASE WHEN id % 5 = 0 THEN 1 END, "
                f"{stamp} FROM deliveries WHERE status = 'accepted' AND id % 5 < 2"
            )
        )
        session.execute(
            text(f"UPDATE contacts SET counted = {'1' if sqlite else 'true'} WHERE id % 2 = 0")
        )
        session.execute(
            text(
                f"UPDATE campaigns SET status = 'sent', started_at = {stamp}, frozen_at = {stamp}, "
                f"finished_at = {stamp} WHERE id = {sent_id}"
            )
        )
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    if not sqlite:
        engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


if __name__ == "__main__":
    measure(*sys.argv[1:])
