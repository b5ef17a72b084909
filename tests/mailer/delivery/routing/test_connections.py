"""The mode that a relay can take is found, and no message is lost or sent twice meanwhile."""

from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from contacts.database import Database
from mailer.delivery.routing.connections import Connections
from mailer.delivery.smtp.client import Outcome, Timeouts
from mailer.delivery.smtp.pipelining import Grouping
from mailer.models import DeliveryStatus, Relay
from tests.factories import a_mailer
from tests.fakes.smtp_script import Do, Script
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.smtp.talking import FULL_OFFER, HASTY, PATIENT, address, envelope, fates
from tests.running import a_worker, launched, wait_for_end


def carried(relay: Connections, first: int, count: int = 3) -> tuple[Grouping, list[Outcome]]:
    with relay.lend() as connection:
        mode = connection.grouping
        outcomes = list(connection.send(envelope(first + n) for n in range(count)))
    return mode, outcomes


def patiently(server: FaultServer, timeouts: Timeouts = PATIENT) -> Connections:
    return Connections(address(server), hello_name="us.example", timeouts=timeouts)


def all_arrive(server: FaultServer, relay: Connections, count: int) -> list[Grouping]:
    """Send everything, again where it stayed untouched; the modes of the loans on the way."""
    left, arrived = list(range(count)), list[int]()
    modes: list[Grouping] = []
    while left and len(modes) < 12:
        with relay.lend() as connection:
            modes.append(connection.grouping)
            outcomes_by_key = fates(list(connection.send(envelope(key) for key in left)))
        arrived += [key for key, fate in outcomes_by_key.items() if fate == "accepted"]
        left = [key for key, fate in outcomes_by_key.items() if fate == "untouched"]
    relay.close()
    assert sorted(arrived) == list(range(count))
    assert sorted(server.recipients) == sorted(f"r{key}@example.com" for key in range(count))
    return modes


def test_a_relay_that_offers_what_it_cannot_do_ends_in_the_slowest_mode() -> None:
    with FaultServer(Script(lying=True, capabilities=FULL_OFFER)) as server:
        modes = all_arrive(server, patiently(server, HASTY), 5)

    assert modes == list(Grouping)


def test_a_relay_that_takes_no_content_first_gets_envelope_mode() -> None:
    script = Script(capabilities=("PIPELINING",), drops_behind_content="r")
    with FaultServer(script) as server:
        modes = all_arrive(server, patiently(server, HASTY), 6)

    assert modes[-1] is Grouping.ENVELOPE
    assert len(modes) == 3


def test_a_relay_that_rejects_bdat_gets_data() -> None:
    with FaultServer(Script(capabilities=FULL_OFFER, knows_bdat=False)) as server:
        modes = all_arrive(server, patiently(server), 4)

    assert modes == [Grouping.CHUNKING, Grouping.FULL]


def test_a_change_of_mode_is_one_log_line_without_addresses() -> None:
    script = Script(capabilities=FULL_OFFER, on_mail=lambda _: "503 5.5.1 r1@example.com early")
    with FaultServer(script) as server, capture_logs() as lines:
        carried(patiently(server), 1)

    assert lines == [
        {
            "event": "pipelining changed",
            "log_level": "warning",
            "was": Grouping.CHUNKING,
            "now": Grouping.FULL,
            "why": "it answered out of step",
        }
    ]


def test_a_waiting_connection_takes_the_mode_learned_since() -> None:
    refusals = iter(["250 ok", "503 5.5.1 early"])
    script = Script(capabilities=FULL_OFFER, on_mail=lambda _: next(refusals, "250 ok"))
    with FaultServer(script) as server:
        relay = patiently(server)
        with relay.lend() as good:
            assert good.grouping is Grouping.CHUNKING
            list(good.send([envelope(1)]))
            carried(relay, 2, 1)
        mode, outcomes = carried(relay, 3)
        relay.close()

    assert mode is Grouping.FULL
    assert set(fates(outcomes).values()) == {"accepted"}
    assert server.connections == 2


@pytest.mark.parametrize("offer", [FULL_OFFER, ("PIPELINING",), ()])
def test_the_limit_of_messages_costs_a_connection_and_changes_no_mode(
    offer: tuple[str, ...],
) -> None:
    script = Script(strict=True, capabilities=(*offer, "LIMITS MAILMAX=2"))
    with FaultServer(script) as server, capture_logs() as lines:
        modes = all_arrive(server, patiently(server), 9)

    assert len(set(modes)) == 1
    assert len(modes) == server.connections == 5
    assert all(reads[-1].endswith(b"QUIT\r\n") for reads in server.transcript)
    assert lines == []


def test_a_421_is_no_grouping_fault() -> None:
    goodbye = Do("421 4.3.2 bye", close=True)
    count = iter(range(100))
    script = Script(
        capabilities=FULL_OFFER,
        on_mail=lambda _: goodbye if next(count) % 3 == 2 else "250 ok",
    )
    with FaultServer(script) as server:
        relay = patiently(server)
        modes = {carried(relay, 10 * n)[0] for n in range(5)}
        relay.close()

    assert modes == {Grouping.CHUNKING}


@pytest.mark.parametrize(
    "script",
    [
        Script(capabilities=FULL_OFFER, strict=True),
        Script(capabilities=(*FULL_OFFER, "LIMITS MAILMAX=7"), strict=True),
        Script(capabilities=FULL_OFFER, knows_bdat=False),
        Script(capabilities=FULL_OFFER, close_after_contents=5),
    ],
    ids=["chunks", "MAILMAX", "no BDAT after all", "hangs up often"],
)
def test_a_campaign_arrives_once_whichever_mode_it_ends_in(
    database: Database, tmp_path: Path, script: Script
) -> None:
    mailer = a_mailer(database, tmp_path, retry_schedule=(1, 1, 1, 1, 1, 1, 1, 1))
    campaign_id = launched(mailer, 60)

    with FaultServer(script) as server, a_worker(mailer, port=server.port):
        ended = wait_for_end(mailer, campaign_id)
    with database.reading() as session:
        failures = session.scalars(select(Relay.failures)).all()

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 60}
    assert sorted(server.recipients) == sorted(f"person{n}@a.example" for n in range(1, 61))
    assert set(failures) == {0}
