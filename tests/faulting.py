"""A send through an unsteady relay, by workers that are killed: the run, and what must hold.

Two ``worker.py`` share a database and a queue. What the relay accepted is read from its own files,
so that the database is compared with a record that is not ours.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import select

from contacts.database import Database
from contacts.models import Suppression
from mailer.models import Delivery, DeliveryStatus
from mailer.security.tokens import Purpose, Tokens
from tests.fakes.unsteady_relay import LATE, deferrals, unknown
from tests.killing import ROOT, Installation, add_subscribers, status_of

WORKERS: Final = 2
# A quarter of a second's worth of a relay that answers so late, twice over, and who is in the air.
_BEGUN: Final = int(0.5 / LATE) + 2  # deliveries in doubt on a connection, at most
_START: Final = 60.0  # seconds a worker may take until it is ready


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery as the database has it."""

    id: int
    address: str
    status: DeliveryStatus
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """The state at the end. ``taken`` counts the relay's acceptances by delivery."""

    status: dict[str, object]
    rows: list[Row]
    taken: Counter[tuple[int, str]]
    hang_ups: Counter[str]
    kills: int
    connections: int  # of each worker
    suppressed: set[str]
    seed: int
    seconds: float

    def of(self, status: DeliveryStatus) -> list[Row]:
        return [row for row in self.rows if row.status == status]

    @property
    def uncertain(self) -> list[Row]:
        return self.of(DeliveryStatus.UNCERTAIN)

    @property
    def most_uncertain(self) -> int:
        """What is begun on each connection of a killed worker, and one for each hang-up."""
        return self.kills * self.connections * _BEGUN + self.hang_ups.total()

    def hold(self) -> None:
        """Assert everything that must be true after any run."""
        doubted = {row.address for row in self.uncertain}
        assert self.status["finished_at"], self.status
        assert self.status["balanced"], self.status
        settled = {DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED, DeliveryStatus.UNCERTAIN}
        assert {row.status for row in self.rows} <= settled, self.status
        assert set(self.taken.values()) == {1}, "somebody got two"
        assert self.taken.keys() <= {(row.id, row.address) for row in self.rows}
        for row in self.rows:
            number = self.taken[row.id, row.address]
            if row.status == DeliveryStatus.ACCEPTED:
                assert number == 1, f"{row} is missing"
            elif row.status == DeliveryStatus.REFUSED:
                assert number == 0, f"{row} got it all the same"
                assert unknown(row.address, self.seed), f"{row} is no refusal"
            else:
                assert row.text is not None
        put_off = {row.address for row in self.rows if deferrals(row.address, self.seed)}
        there = {row.address for row in self.of(DeliveryStatus.ACCEPTED)}
        nobody = {row.address for row in self.rows if unknown(row.address, self.seed)}
        refused = {row.address for row in self.of(DeliveryStatus.REFUSED)}
        assert put_off <= there | doubted, "somebody was put off for good"
        assert nobody <= refused | doubted, "a mailbox that is none was not refused"
        assert self.suppressed == refused
        assert len(self.uncertain) <= self.most_uncertain


@dataclass(slots=True)
class Workers:
    """Worker processes, of which any may be killed at any time."""

    installation: Installation
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: int = 0

    def start(self) -> None:
        with (self.installation.folder / "workers.log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    [sys.executable, "worker.py"],
                    cwd=ROOT,
                    env=self.installation.environment,
                    stdout=log,
                    stderr=log,
                )
            )

    def kill_one(self, chance: random.Random) -> None:
        """Kill one of them and start another."""
        victim = self.running.pop(chance.randrange(len(self.running)))
        victim.kill()
        victim.wait(10)
        self.kills += 1
        self.start()

    def stop(self) -> None:
        for worker in self.running:
            worker.send_signal(signal.SIGTERM)
        for worker in self.running:
            worker.wait(40)


@contextmanager
def unsteady_relay(folder: Path, seed: int) -> Iterator[int]:
    """Its port; it ends with the block."""
    relay = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.unsteady_relay", str(folder), str(seed)], cwd=ROOT
    )
    try:
        until = time.monotonic() + 15
        while not (folder / "port").exists():
            assert time.monotonic() < until, "the relay did not start"
            time.sleep(0.02)
        yield int((folder / "port").read_text())
    finally:
        relay.terminate()
        relay.wait(10)


def faulty_send(
    installation: Installation, number: int, *, kills: int, every: float, seconds: float, seed: int
) -> Findings:
    """Launch to ``number`` people; up to ``kills`` times, about ``every`` seconds, kill a worker.

    ``place`` names the relay of ``unsteady_relay`` for the same folder and seed.
    """
    chance = random.Random(seed)
    installation.flask("database", "upgrade")
    campaign_id = add_subscribers(installation, number)
    workers = Workers(installation)
    try:
        for _ in range(WORKERS):
            workers.start()
        installation.flask("campaigns", "launch", str(campaign_id))
        began = time.monotonic()
        _wait_for_the_first(installation, until=began + _START)
        next_kill = time.monotonic() + chance.uniform(0.2, 1) * every
        while not (status := status_of(installation, campaign_id))["finished_at"]:
            if time.monotonic() - began > seconds:
                break
            if workers.kills < kills and time.monotonic() > next_kill:
                workers.kill_one(chance)
                next_kill = time.monotonic() + chance.uniform(0.5, 1.5) * every
            time.sleep(0.25)
        took = time.monotonic() - began
    finally:
        workers.stop()
    rows, suppressed = _deliveries(installation, campaign_id)
    return Findings(
        status=status,
        rows=rows,
        taken=_taken(installation),
        hang_ups=Counter(_lines_of(installation, "hangups")),
        kills=workers.kills,
        connections=installation.connections,
        suppressed=suppressed,
        seed=seed,
        seconds=took,
    )


def _wait_for_the_first(installation: Installation, *, until: float) -> None:
    while not (installation.folder / "taken").stat().st_size:
        assert time.monotonic() < until, "nothing was sent"
        time.sleep(0.05)


def _deliveries(installation: Installation, campaign_id: int) -> tuple[list[Row], set[str]]:
    database = Database(installation.database_url)
    with database.reading() as session:
        rows = [
            Row(each.id, each.address or "", each.status, each.text or "")
            for each in session.execute(
                select(Delivery.id, Delivery.address, Delivery.status, Delivery.text).where(
                    Delivery.campaign_id == campaign_id
                )
            )
        ]
        suppressed = set(session.scalars(select(Suppression.address_key)))
    database.dispose()
    return rows, suppressed


def _taken(installation: Installation) -> Counter[tuple[int, str]]:
    tokens = Tokens(installation.environment["SECRET_KEY"].encode())
    taken: Counter[tuple[int, str]] = Counter()
    for line in (installation.folder / "taken").read_text().splitlines():
        recipient, _, message_id = line.partition("\t")
        found = tokens.open_from_mail(Purpose.MESSAGE, message_id)
        assert found, f"{line}: this is no message of ours"
        taken[found[0], recipient] += 1
    return taken


def _lines_of(installation: Installation, name: str) -> list[str]:
    text = (installation.folder / name).read_text()
    return [line.partition("\t")[0] for line in text.splitlines()]
