"""The measures for monitoring, on both databases."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from contacts.database import Database
from contacts.models import Newsletter
from mailer.campaigns import due, sending
from mailer.campaigns.freezing import freeze
from mailer.models import Batch, CourierHeartbeat, Delivery, DeliveryStatus, Relay, Spool, StepKind
from mailer.operations.metrics import measures
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.tracking.spool import Hit, SpoolWriter
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_cast, a_mailer, many


def metrics_by_name(database: Database, folder: Path) -> dict[str, float]:
    """Every number by its name and labels: "deliveries 1 pending"."""
    settings = a_mailer(database, folder).settings
    with database.reading() as session:
        return {
            " ".join([measure.name, *labels.values()]): value
            for measure in measures(session, settings, now=NOW)
            for labels, value in measure.samples
        }


def a_send(database: Database) -> int:
    with database.writing() as session:
        cast = a_cast(session)
        many(session, session.get_one(Newsletter, cast.newsletter), 4)
        issue = a_campaign(session, cast.newsletter).id
        a_campaign(session, cast.newsletter)
        sending.launch(session, issue, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(database, issue, clock=lambda: NOW)
    return issue


def test_a_send_is_counted_while_it_lasts(database: Database, tmp_path: Path) -> None:
    issue = a_send(database)
    with database.writing() as session:
        first, second = session.scalars(
            select(Delivery.id).where(Delivery.status == DeliveryStatus.PENDING).limit(2)
        )
        session.execute(
            update(Delivery).where(Delivery.id == first).values(status=DeliveryStatus.ACCEPTED)
        )
        session.execute(
            update(Batch).values(courier_id="c", sending_from=second, sending_upto=second)
        )
        session.add(CourierHeartbeat(id="c", seen_at=NOW))
        session.add(CourierHeartbeat(id="dead", seen_at=NOW - timedelta(minutes=1)))

    seen = metrics_by_name(database, tmp_path)

    assert {name: seen[name] for name in seen if name.startswith("deliveries") and seen[name]} == {
        f"deliveries {issue} excluded": 2,
        f"deliveries {issue} claimed": 3,
        f"deliveries {issue} sending": 1,
        f"deliveries {issue} accepted": 1,
    }
    assert (seen["campaigns sending"], seen["campaigns draft"], seen["campaigns sent"]) == (1, 1, 0)
    assert (seen["batches held"], seen["batches waiting"]) == (1, 0)
    assert seen["couriers"] == 1


def test_a_finished_send_is_not_counted(database: Database, tmp_path: Path) -> None:
    issue = a_send(database)
    with database.writing() as session:
        sending.stop(session, issue, actor=TESTER, now=NOW)
    stopping = metrics_by_name(database, tmp_path)
    with database.writing() as session:
        sending.finish_if_done(session, issue, now=NOW)

    over = metrics_by_name(database, tmp_path)

    assert stopping[f"deliveries {issue} pending"] == 5
    assert not [name for name in over if name.startswith("deliveries")]
    assert over["campaigns stopped"] == 1


def test_the_speed_of_relays_and_whether_they_are_up_is_measured(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        relay = session.get_one(Relay, 1)
        relay.per_second, relay.slowed_to, relay.slowed_at = 50.0, 5.0, NOW
        relay.failures, relay.try_again_at = 3, NOW + timedelta(minutes=1)

    seen = metrics_by_name(database, tmp_path)

    assert (seen["relay_speed_set 1"], seen["relay_speed 1"]) == (50.0, 5.0)
    assert (seen["relay_up 1"], seen["relay_failures 1"]) == (0, 3)


def test_waiting_files_are_counted(database: Database, tmp_path: Path) -> None:
    settings = a_mailer(database, tmp_path).settings
    writer = SpoolWriter(settings.spool_dir)
    hit = Hit(1, "token", 0)
    writer.append(hit)
    writer.append(hit)
    writer.close()
    (file,) = settings.spool_dir.glob("*.hits")
    with database.writing() as session:
        session.add(Spool(name=file.name, taken=len(hit.line()), changed_at=NOW))
    for name in ("a", "b"):
        incoming.put(settings.incoming_dir, b"x", sent_to="", sent_from="", name=name)
    incoming.set_aside(settings.incoming_dir / "b.mail")

    seen = metrics_by_name(database, tmp_path)

    assert (seen["spool_files"], seen["spool_octets"]) == (1, len(hit.line()))
    assert (seen["incoming_mail waiting"], seen["incoming_mail to_look_at"]) == (1, 1)


def test_the_lateness_of_the_oldest_step_is_measured(database: Database, tmp_path: Path) -> None:
    before = metrics_by_name(database, tmp_path)
    with database.writing() as session:
        due.put(session, StepKind.LAUNCH, 1, due_at=NOW - timedelta(seconds=90))
        due.put(session, StepKind.LAUNCH, 2, due_at=NOW + timedelta(days=1))

    assert before["oldest_due_step_seconds"] == 0
    assert metrics_by_name(database, tmp_path)["oldest_due_step_seconds"] == 90


def test_nobody_is_named(database: Database, tmp_path: Path) -> None:
    a_send(database)

    assert not [
        name for name in metrics_by_name(database, tmp_path) if "@" in name or "Alice" in name
    ]
