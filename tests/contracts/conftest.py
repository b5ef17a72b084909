"""Postfix and Exim, each started once for the tests that talk to them."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests import services
from tests.conftest import unavailable
from tests.fakes.smtp_script import Script, Step
from tests.fakes.smtp_server import FaultServer
from tests.servers import MailServer, Neighbours
from tests.servers.exim import exim
from tests.servers.postfix import postfix

# What the next hop says to whom; the first digit of the reply tells whether it means it.
SAID: dict[str, str] = {
    "gone": "550 5.1.1 no such user here",
    "blocked": "554 5.7.1 blocked by our policy, see https://filter.example/why",
    "full": "552 5.2.2 mailbox full",
    "late": "452 4.2.2 mailbox full",
    "slow": "451 4.7.1 greylisted, come back later",
}


@pytest.fixture(scope="session")
def next_hop() -> Iterator[int]:
    """The port of the server that mail for ``FAR`` is handed on to."""

    def on_rcpt(recipient: str) -> Step:
        return SAID.get(recipient.partition("@")[0], "250 2.1.5 ok")

    def on_content(recipient: str) -> Step:
        spam = recipient.startswith("spam@")
        return "554 5.7.1 message content rejected as spam" if spam else "250 2.0.0 kept"

    script = Script(on_rcpt=on_rcpt, on_content=on_content, lifetime=600)
    with FaultServer(script) as far:
        yield far.port


@pytest.fixture(scope="session")
def postfix_server(next_hop: int) -> Iterator[MailServer]:
    if os.geteuid() != 0:
        pytest.skip("Postfix starts only as root")
    yield from _started(postfix(Neighbours(next_hop, services.free_port())))


@pytest.fixture(scope="session")
def exim_server(next_hop: int) -> Iterator[MailServer]:
    yield from _started(exim(Neighbours(next_hop, services.free_port())))


@pytest.fixture(params=["postfix", "exim"])
def server(request: pytest.FixtureRequest) -> MailServer:
    """Either of them, with empty mailboxes."""
    found: MailServer = request.getfixturevalue(f"{request.param}_server")
    found.empty()
    return found


def _started(starting: AbstractContextManager[MailServer]) -> Iterator[MailServer]:
    try:
        with starting as server:
            yield server
    except services.Unavailable as error:
        unavailable(error)
