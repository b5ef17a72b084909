"""A hundred people at their preference pages, alone and beside two hundred slow clients."""

import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from sqlalchemy import func, select

from contacts.database import Database
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.clock import now
from mailer.models import Delivery
from mailer.security.tokens import Purpose, Tokens
from mailer.settings.environment import Gate
from tests import services
from tests.attacks.conftest import serving
from tests.benches.populating import populate
from tests.factories import TESTER, a_campaign
from tests.killing import Installation

PEOPLE, SLOW, PAGES = 100, 200, 10


def run() -> None:
    """Print the median and the 99th percentile of a page, quiet and beside slow clients."""
    folder = Path(tempfile.mkdtemp(prefix="circular-crowd-"))
    installation = Installation(folder, services.free_port(), f"sqlite:///{folder / 'circular.db'}")
    installation.flask("database", "upgrade")
    links = _links(installation)
    try:
        with serving(installation, TRUSTED_PROXIES="127.0.0.1"):
            _report("alone", installation.port, links)
            with _slow_clients(installation.port):
                _report(f"beside {SLOW} slow clients", installation.port, links)
    finally:
        shutil.rmtree(folder)


def _links(installation: Installation) -> list[str]:
    database = Database(installation.database_url)
    newsletter_id = populate(database, PEOPLE)
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id, subject=f"News of {now()}").id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    freeze(database, campaign_id, clock=now)
    with database.reading() as session:
        first = session.scalar(select(func.min(Delivery.id))) or 0
    database.dispose()
    tokens = Tokens(installation.environment["SECRET_KEY"].encode())
    return ["/p/" + tokens.seal(Purpose.CHOICES, first + place) for place in range(PEOPLE)]


def _report(name: str, port: int, links: list[str]) -> None:
    with ThreadPoolExecutor(PEOPLE) as people:
        times = [
            each for found in people.map(lambda link: _use(port, link), links) for each in found
        ]
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{len(times):,} pages of {PEOPLE} people {name}: median {cuts[49] * 1000:.0f} ms, "
        f"99th percentile {cuts[98] * 1000:.0f} ms"
    )


def _use(port: int, link: str) -> list[float]:
    times = []
    for _ in range(PAGES):
        begun = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", link)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 200, answer.status
        times.append(time.perf_counter() - begun)
        time.sleep(1)  # somebody reads it
    return times


@contextmanager
def _slow_clients(port: int) -> Iterator[None]:
    head = "POST /join/news HTTP/1.1\r\nHost: here\r\nContent-Length: 60000\r\n"
    with ExitStack() as held:
        for number in range(SLOW):
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            client.sendall((head + ("\r\nx" if number % 2 else "X-Slow: ")).encode())
        yield


if __name__ == "__main__":
    run()
