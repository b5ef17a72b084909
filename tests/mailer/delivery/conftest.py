"""Relays of each pipelining mode, and a slot at a far relay."""

import pytest

from mailer.delivery.routing.slots import RelaySlot
from mailer.delivery.smtp.client import Grouping
from tests.fakes.smtp_script import Script
from tests.mailer.delivery.routing.slots import a_slot
from tests.mailer.delivery.smtp.talking import FULL_OFFER, PLAIN


@pytest.fixture(params=[*Grouping, "not offered"])
def manner(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def grouping(manner: str) -> Grouping:
    return Grouping(manner) if manner != "not offered" else Grouping.FULL


@pytest.fixture
def script(manner: str) -> Script:
    return Script(strict=True, capabilities=PLAIN if manner == "not offered" else FULL_OFFER)


@pytest.fixture
def far() -> RelaySlot:
    """A slot at a relay where a message takes a quarter of a second."""
    return a_slot(one_takes=0.25, connections=40)
