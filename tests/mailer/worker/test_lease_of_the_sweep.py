"""The lease of the sweep when its holder stops: another process need not wait for it to run out."""

import threading
from pathlib import Path

from contacts.database import Database
from mailer.clock import now
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.queue.leases import give_back, hold_lease
from mailer.worker.sweep import Sweep
from tests.factories import NOW, a_mailer
from tests.mailer.worker.test_isolation import NoJobs


def test_only_its_holder_gives_a_lease_back(database: Database) -> None:
    with database.writing() as session:
        assert hold_lease(session, "sweep", "old", now=NOW)
        give_back(session, "sweep", "new")
        assert not hold_lease(session, "sweep", "new", now=NOW)
        give_back(session, "sweep", "old")
        assert hold_lease(session, "sweep", "new", now=NOW)


def test_a_sweep_that_stops_leaves_the_lease_free(database: Database, tmp_path: Path) -> None:
    sweep = Sweep(a_mailer(database, tmp_path), NoJobs(), name="old", held=HeldClaims())
    sweep.tick(now())
    with database.writing() as session:
        assert not hold_lease(session, "sweep", "new", now=now())

    stopping = threading.Event()
    stopping.set()
    sweep.run(stopping)

    with database.writing() as session:
        assert hold_lease(session, "sweep", "new", now=now())
