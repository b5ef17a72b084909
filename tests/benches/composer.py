"""How long the composer's answers take beside a million people: python -m tests.benches.composer.

A save of a block as script sends it, the mail after it, the strip of checks, the page itself, and
another officer's presence. Bars: a save 100 ms, the mail 300 ms, of the slowest in twenty.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from contacts.database import Database
from mailer import migrations
from mailer.demo.content import december_issue
from tests.benches.populating import an_officer, populate
from tests.factories import a_campaign, a_mailer
from tests.mailer.web.browser import SITE

PEOPLE = 1_000_000
ROUNDS = 100
COMPOSE = "/issues/members-update/2026-12/compose"
JSON = {"Accept": "application/json", "Referer": SITE + COMPOSE}


def run(url: str = "") -> None:
    """On SQLite in a folder of its own, or on the database at ``url``."""
    with TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'bench.db'}")
        migrations.upgrade(database.engine)
        newsletter = populate(database, PEOPLE)
        mailer = a_mailer(database, Path(folder))
        with database.writing() as session:
            a_campaign(session, newsletter, december_issue(), slug="2026-12")
        officer = an_officer(mailer)
        page = officer.get(f"{COMPOSE}?open=retrofit").text
        form = dict(re.findall(r'name="([\w-]+)"\s+value="([^"]*)"', page))
        print(f"{PEOPLE:,} people, {database.engine.dialect.name}")
        number = iter(range(10_000))

        def save() -> None:
            form["headline"] = f"Retrofit, street by street {next(number)}"
            answer = officer.post(f"{COMPOSE}/retrofit", data=form, headers=JSON)
            assert answer.json, answer.text[:300]
            form["revision"] = answer.json["revision"]

        def preview() -> None:
            save()
            started = perf_counter()
            assert officer.get(f"{COMPOSE}/preview?as=full").status_code == 200
            previews.append(perf_counter() - started)

        previews: list[float] = []
        _tell("save", _timed(save))
        _timed(preview)
        _tell("the mail after a save", previews)
        _tell("checks and size", _timed(lambda: officer.get(f"{COMPOSE}/strip")))
        _tell("page", _timed(lambda: officer.get(COMPOSE)))
        token = form["csrf_token"]
        data = {"block": "retrofit", "csrf_token": token}
        here = f"{COMPOSE}/presence"
        _tell("presence", _timed(lambda: officer.post(here, data=data, headers=JSON)))
        database.dispose()


def _timed(act: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        started = perf_counter()
        act()
        times.append(perf_counter() - started)
    return times


def _tell(what: str, times: list[float]) -> None:
    slowest = quantiles(times, n=20)[-1]
    print(f"{what:<24}{median(times) * 1000:7.1f} ms, one in twenty {slowest * 1000:7.1f} ms")


if __name__ == "__main__":
    run(*sys.argv[1:])
