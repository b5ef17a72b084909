"""Every loop of a worker survives an item that raises anything, and does the others."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from contacts.actors import ActorKind
from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.composition.composer import Composer
from mailer.composition.system_mail import compose_system_mail
from mailer.delivery.claims import recovery
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.loops import Loop
from mailer.models import Batch, Campaign, CourierHeartbeat, Delivery, DeliveryStatus, SystemMail
from mailer.notices import carrying
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming import intake
from mailer.receipts.incoming.imap import fetching
from mailer.receipts.incoming.intake import Intake
from mailer.receipts.tracking import spool
from mailer.receipts.tracking.drain import Drain
from mailer.receipts.tracking.spool import Hit
from mailer.receipts.withdrawals import folder as withdrawn
from mailer.receipts.withdrawals import withdrawals
from mailer.receipts.withdrawals.withdrawals import Withdrawals
from mailer.settings.environment import Gate
from mailer.worker import sweep
from mailer.worker.sweep import Sweep
from tests.factories import TESTER, a_campaign, a_mailer, a_notice
from tests.fakes.imap_server import ImapServer
from tests.fakes.smtp_server import FaultServer
from tests.mailer.receipts.incoming.imap.boxes import address_of, fetcher_of, mailer_for
from tests.mailer.worker.test_isolation import NoJobs
from tests.running import a_worker, launched

Done = Callable[[], bool]
Patch = pytest.MonkeyPatch
FAULTS: Final = [ValueError("a fault of ours"), OSError(5, "broken"), FileNotFoundError(2, "gone")]


def failing(patch: Patch, place: Any, name: str, fault: Exception, *, at: Any) -> None:
    """Have what is called so raise, where one of its arguments is ``at``."""
    real = getattr(place, name)

    def maybe(*args: Any, **more: Any) -> Any:
        if any(each is at or each == at for each in (*args, *more.values())):
            raise fault
        return real(*args, **more)

    patch.setattr(place, name, maybe)


@contextmanager
def looping(run: Callable[..., None], name: str) -> Iterator[None]:
    """The loop runs with the block, and has to be alive at its end."""
    stopping = threading.Event()
    thread = threading.Thread(target=run, args=(stopping,), kwargs={"loop": Loop(name)})
    thread.start()
    try:
        yield
        assert thread.is_alive(), "the loop has died"
    finally:
        stopping.set()
        thread.join(10)


def a_sweep(mailer: Mailer) -> Sweep:
    return Sweep(mailer, NoJobs(), name="sweep", held=HeldClaims())


def end_of_issues(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    ended: list[int] = []
    broken = launched(mailer, 1)
    with mailer.database.writing() as session:
        newsletter_id = session.scalars(select(Campaign.newsletter_id)).one()
        sound = a_campaign(session, newsletter_id, subject="Other news").id
        sending.launch(session, sound, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())

    def finish(_session: object, campaign_id: int, *, now: object) -> None:
        ended.append(campaign_id)

    patch.setattr(sending, "finish_if_done", finish)
    failing(patch, sending, "finish_if_done", fault, at=broken)
    stack.enter_context(looping(a_sweep(mailer).run, "sweep"))
    return lambda: sound in ended


def jobs_of_issues(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    sent: list[str] = []
    broken = launched(mailer, 1)
    with mailer.database.writing() as session:
        a_notice(session, "alice@a.example", now=mailer.clock())
    patch.setattr(sweep, "send_jobs", lambda *_, **__: None)
    failing(patch, sweep, "send_jobs", fault, at=broken)
    jobs = NoJobs()
    patch.setattr(jobs, "send", lambda name, *_: sent.append(name))
    whole = Sweep(mailer, jobs, name="sweep", held=HeldClaims())
    stack.enter_context(looping(whole.run, "sweep"))
    return lambda: "notify" in sent


def dead_workers(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    long_ago = mailer.clock() - 10 * recovery.DEAD_AFTER
    with mailer.database.writing() as session:
        for name in ("broken", "sound"):
            recovery.heartbeat(session, name, now=long_ago)
    failing(patch, recovery, "recover", fault, at="broken")
    stack.enter_context(looping(a_sweep(mailer).run, "sweep"))

    def done() -> bool:
        with mailer.database.reading() as session:
            there = set(session.scalars(select(CourierHeartbeat.id)))
        return "sound" not in there and "broken" in there

    return done


def hits(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    place = mailer.settings.spool_dir
    place.mkdir()
    line = Hit(1_764_000_000_000, "A" * 32, 0).line()
    broken, sound = place / "a.hits", place / "b.hits"
    broken.write_bytes(line)
    sound.write_bytes(line)
    failing(patch, spool, "read", fault, at=broken)
    stack.enter_context(looping(Drain(mailer).run, "drain"))
    return lambda: not sound.exists()


def bounces(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    place = mailer.settings.incoming_dir
    for name in ("a", "b"):
        incoming.put(place, name.encode(), sent_to="", sent_from="", name=name)
    failing(patch, intake, "match_report", fault, at=b"a")
    stack.enter_context(looping(Intake(mailer).run, "intake"))
    return lambda: incoming.was_set_aside(place, "b")


def kept_withdrawals(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    launched(mailer, 2)
    with mailer.database.reading() as session:
        ids = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    every = [withdrawn.Withdrawal(each, False, ActorKind.ONE_CLICK, mailer.clock()) for each in ids]
    for each in every:
        withdrawn.put(mailer.settings.withdrawals_dir, each)
    failing(patch, withdrawals, "apply", fault, at=every[0])
    stack.enter_context(looping(Withdrawals(mailer).run, "withdrawals"))
    place = mailer.settings.withdrawals_dir
    return lambda: (withdrawn.count(place), withdrawn.count_aside(place)) == (0, 1)


def fetched_mail(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    server = stack.enter_context(ImapServer())
    there = mailer_for(mailer.database, mailer.settings.data_dir, address_of(server))
    broken, sound = b"Subject: a\r\n\r\na\r\n", b"Subject: b\r\n\r\nb\r\n"
    server.add(broken)
    server.add(sound)
    failing(patch, fetching, "match_report", fault, at=broken)
    patch.setattr(fetching, "_LOOK", 0.05)
    stack.enter_context(looping(fetcher_of(there).run, "fetcher"))
    return lambda: server.octets_in("INBOX") == []


def copies(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    launched(mailer, 3)
    compose = Composer.compose

    def maybe(self: Composer, recipient: Any) -> Any:
        if recipient.address == "person1@a.example":
            raise fault
        return compose(self, recipient)

    patch.setattr(Composer, "compose", maybe)
    relay = stack.enter_context(FaultServer())
    stack.enter_context(a_worker(mailer, port=relay.port))

    def done() -> bool:
        with mailer.database.reading() as session:
            statuses = session.scalars(select(Delivery.status).order_by(Delivery.contact_id)).all()
            held = session.scalar(select(func.count()).where(Batch.courier_id.is_not(None)))
        accepted = DeliveryStatus.ACCEPTED
        return statuses == [DeliveryStatus.DEFERRED, accepted, accepted] and not held

    return done


def system_mail(mailer: Mailer, patch: Patch, fault: Exception, stack: ExitStack) -> Done:
    with mailer.database.writing() as session:
        for address in ("broken@a.example", "sound@a.example"):
            a_notice(session, address, now=mailer.clock())
    compose = compose_system_mail

    def maybe(text: Any, *, to_address: str, **more: Any) -> Any:
        if to_address == "broken@a.example":
            raise fault
        return compose(text, to_address=to_address, **more)

    patch.setattr(carrying, "compose_system_mail", maybe)
    relay = stack.enter_context(FaultServer())
    stack.enter_context(a_worker(mailer, port=relay.port))

    def done() -> bool:
        with mailer.database.reading() as session:
            found = session.scalars(select(SystemMail.status).order_by(SystemMail.id)).all()
        return found == [DeliveryStatus.DEFERRED, DeliveryStatus.ACCEPTED]

    return done


@pytest.mark.parametrize("fault", FAULTS, ids=["Exception", "OSError", "FileNotFoundError"])
@pytest.mark.parametrize(
    "subject",
    [
        end_of_issues,
        jobs_of_issues,
        dead_workers,
        hits,
        bounces,
        kept_withdrawals,
        fetched_mail,
        copies,
        system_mail,
    ],
)
def test_one_that_fails_keeps_no_other_back(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    subject: Callable[[Mailer, Patch, Exception, ExitStack], Done],
    fault: Exception,
) -> None:
    mailer = a_mailer(database, tmp_path)
    with ExitStack() as stack:
        done = subject(mailer, monkeypatch, fault, stack)
        until = time.monotonic() + 20
        while not done():
            assert time.monotonic() < until, "the others wait"
            time.sleep(0.05)
