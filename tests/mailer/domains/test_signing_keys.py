"""Senders: keys are sealed at rest, sign once their records are published, and verify elsewhere."""

from pathlib import Path

import dkim
import pytest

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.clock import now
from mailer.domains import signing_keys
from mailer.errors import NotAllowed, SettingsError
from mailer.models import SigningKey
from mailer.security.vault import Vault
from mailer.settings.environment import Gate
from tests.factories import TESTER, a_campaign, a_mailer, a_newsletter, many
from tests.fakes.smtp_server import FaultServer
from tests.running import a_worker, wait_for_end

DOMAIN = "network.example"


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    made = a_mailer(database, tmp_path)
    with database.writing() as session:
        many(session, a_newsletter(session), 2)
    return made


def vault(mailer: Mailer) -> Vault:
    return Vault(mailer.settings.secret)


def keys_made(mailer: Mailer, *, signs: bool) -> dict[str, str]:
    """The domain's records by name, with its keys made."""
    with mailer.database.writing() as session:
        signing_keys.make_keys(session, DOMAIN, vault=vault(mailer), now=now())
        session.flush()
        signing_keys.set_signing(session, DOMAIN, signs=signs, now=now())
        (domain,) = signing_keys.domains(session, vault(mailer))
    return {record.name: record.value for record in domain.records}


def contents_sent(mailer: Mailer) -> list[bytes]:
    with mailer.database.writing() as session:
        campaign_id = a_campaign(session, 1).id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    freeze(mailer.database, campaign_id, clock=now)
    with FaultServer() as server, a_worker(mailer, port=server.port):
        wait_for_end(mailer, campaign_id)
    return [kept.content for kept in server.kept]


def test_signatures_of_copies_verify_in_another_library(mailer: Mailer) -> None:
    records = keys_made(mailer, signs=True)

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode().rstrip(".")].encode()

    contents = contents_sent(mailer)

    assert len(contents) == 2
    for content in contents:
        signatures = content.split(b"DKIM-Signature:")[1:]
        (rsa,) = [place for place, field in enumerate(signatures) if b"a=rsa-sha256" in field]
        assert len(signatures) == 2
        assert dkim.DKIM(content).verify(idx=rsa, dnsfunc=look_up)


def test_keys_sign_nothing_before_their_records_are_published(mailer: Mailer) -> None:
    keys_made(mailer, signs=False)

    assert not any(b"DKIM-Signature" in content for content in contents_sent(mailer))


def test_the_database_holds_no_key_that_can_be_read(mailer: Mailer) -> None:
    keys_made(mailer, signs=True)

    with mailer.database.reading() as session:
        sealed = [key.sealed for key in session.query(SigningKey)]

    assert len(sealed) == 2
    assert not any("PRIVATE" in each for each in sealed)
    with pytest.raises(SettingsError, match="another SECRET_KEY"):
        Vault(b"another secret").open(sealed[0])


def test_a_domain_gets_its_keys_once_and_only_if_it_is_a_senders(mailer: Mailer) -> None:
    keys_made(mailer, signs=True)

    for domain, sentence in ((DOMAIN, "has its keys already"), ("elsewhere.example", "comes from")):
        with pytest.raises(NotAllowed, match=sentence), mailer.database.writing() as session:
            signing_keys.make_keys(session, domain, vault=vault(mailer), now=now())
