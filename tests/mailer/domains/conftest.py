"""A public installation with a relay: its gate is enforced."""

from dataclasses import replace
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.bootstrap import Mailer
from tests.factories import a_campaign, a_cast, a_mailer
from tests.mailer.domains.gating import NOW, Dns
from tests.mailer.domains.zones import RELAY


@pytest.fixture
def dns() -> Dns:
    return Dns()


@pytest.fixture
def mailer(database: Database, tmp_path: Path, dns: Dns) -> Mailer:
    """A public installation with a relay: its gate is enforced."""
    made = a_mailer(database, tmp_path, smtp_url=f"smtp://{RELAY}")
    dns.database = database
    return replace(made, clock=lambda: NOW, lookups=dns)


@pytest.fixture
def issue(mailer: Mailer) -> int:
    with mailer.database.writing() as session:
        return a_campaign(session, a_cast(session).newsletter).id
