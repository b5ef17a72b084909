"""Postfix and Exim themselves: every copy arrives once, as it was composed, to the octet."""

from pathlib import Path

import pytest

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.delivery.smtp.client import Connection, Envelope, Fate, Grouping, RelayAddress
from mailer.models import Delivery, DeliveryStatus, Relay
from tests.contracts.awkward import composed, launched
from tests.factories import a_mailer
from tests.running import a_worker, wait_for_end
from tests.servers import HALL, RESIDENTS, RETURNS, MailServer, until, without_additions

STRANGERS = ("nobody1", "nobody2")
ROUTED = "50%off"  # Postfix takes that for a route, which it will not relay
HEAD = b"""From: update@network.example
To: person1@hall.example
Subject: test
Date: Tue, 8 Dec 2026 10:00:00 +0000
Message-ID: <%d@network.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

"""
BODIES = {
    "dots": b".\r\n..\r\n...\r\n.hidden\r\n\r\n.\r\n",
    "no end of line": b"the last line has none",
    "trailing spaces": b"one   \r\n two\t\r\n   \r\n",
    "8bit": "Café, żółć, 漢字\r\n".encode(),
    "long lines": (b"y" * 998 + b"\r\n") * 200,
    "commands": b"QUIT\r\nRSET\r\nBDAT 3 LAST\r\n250 ok\r\n",
    "From": b"From here\r\n>From there\r\n",
}


@pytest.fixture
def mailer(sqlite_url: str, tmp_path: Path) -> Mailer:
    return a_mailer(Database(sqlite_url), tmp_path, retry_schedule=(1, 1, 1), bounce_domain=RETURNS)


@pytest.mark.parametrize("chunking", [True, False], ids=["chunking", "data"])
def test_every_copy_arrives_once_and_as_it_was_composed(
    mailer: Mailer, server: MailServer, chunking: bool
) -> None:
    campaign_id = launched(mailer, [f"{name}@{HALL}" for name in (*RESIDENTS, *STRANGERS, ROUTED)])

    with a_worker(mailer, port=server.port if chunking else server.plain_port):
        ended = wait_for_end(mailer, campaign_id, seconds=20)

    assert ended.deliveries == {
        DeliveryStatus.ACCEPTED: len(RESIDENTS),
        DeliveryStatus.REFUSED: len(STRANGERS) + 1,
    }
    assert until(lambda: server.number() >= len(RESIDENTS), seconds=10)
    copies = composed(mailer, campaign_id)
    assert max(len(copy.content) for copy in copies.values()) > 40_000
    for name in RESIDENTS:
        stored = server.mail(f"{name}@{HALL}")
        assert len(stored) == 1, name
        assert without_additions(stored[0]) == copies[f"{name}@{HALL}"].content


@pytest.mark.parametrize("grouping", list(Grouping))
@pytest.mark.parametrize("body", BODIES)
def test_any_text_arrives_as_it_was(server: MailServer, grouping: Grouping, body: str) -> None:
    content = HEAD.replace(b"\n", b"\r\n") % 1 + BODIES[body]
    envelope = Envelope(1, f"b@{RETURNS}", f"person1@{HALL}", content)
    address = RelayAddress.parse(f"smtp://127.0.0.1:{server.port}")

    with Connection.open(address, hello_name="news.example", grouping=grouping) as connection:
        [outcome] = connection.send([envelope])

    assert outcome.fate is Fate.ACCEPTED
    assert until(lambda: server.number() == 1, seconds=5)
    [stored] = server.mail(f"person1@{HALL}")
    assert without_additions(stored) == content.removesuffix(b"\r\n") + b"\r\n"


def test_an_unknown_recipient_is_refused_with_the_text_of_the_server(
    mailer: Mailer, server: MailServer
) -> None:
    campaign_id = launched(mailer, [f"{name}@{HALL}" for name in STRANGERS])

    with a_worker(mailer, port=server.port):
        wait_for_end(mailer, campaign_id, seconds=20)

    with mailer.database.reading() as session:
        for delivery in session.query(Delivery):
            assert delivery.status == DeliveryStatus.REFUSED
            assert delivery.reason == "userunknown"
            assert delivery.code == 550
            assert delivery.text is not None
            assert "nknown" in delivery.text


def test_a_server_that_takes_few_messages_a_connection_delays_no_message(
    mailer: Mailer, exim_server: MailServer
) -> None:
    """Exim says 421 to the message after ``smtp_accept_max_per_connection``: that is no fault."""
    exim_server.empty()
    campaign_id = launched(mailer, [f"{name}@{HALL}" for name in RESIDENTS])

    with a_worker(mailer, port=exim_server.port):
        ended = wait_for_end(mailer, campaign_id, seconds=20)

    with mailer.database.reading() as session:
        attempts = {each.attempts for each in session.query(Delivery)}
        slowed = [each.slowed_to for each in session.query(Relay)]
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: len(RESIDENTS)}
    assert attempts == {1}
    assert slowed == [None]
