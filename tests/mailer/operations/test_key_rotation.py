"""Another SECRET_KEY: what was sealed under the old one is sealed anew, all of it or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from app import create_app
from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.domains import signing_keys
from mailer.errors import SettingsError
from mailer.models import Relay, SigningKey
from mailer.operations.key_rotation import rotate
from mailer.relays import registry
from mailer.relays.form import RelayDetails
from mailer.security.vault import Vault
from tests.factories import TESTER, a_mailer, a_newsletter

OLD, NEW = Vault(b"the key of before"), Vault(b"a secret for tests, and long enough")
DETAILS = RelayDetails(name="P", host="smtp.p.example", port="587", username="u", password="kept")


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    made = a_mailer(database, tmp_path)
    with database.writing() as session:
        a_newsletter(session)
        registry.add(session, DETAILS, vault=OLD, actor=TESTER, now=now())
        signing_keys.make_keys(session, "network.example", vault=OLD, now=now())
    return made


def sealed(mailer: Mailer) -> list[str]:
    with mailer.database.reading() as session:
        passwords = [relay.sealed_password for relay in session.query(Relay).order_by(Relay.id)]
        keys = [key.sealed for key in session.query(SigningKey).order_by(SigningKey.id)]
    return [each for each in [*passwords, *keys] if each]


def flask(mailer: Mailer, *arguments: str) -> Result:
    run: Callable[..., Result] = create_app(mailer).test_cli_runner().invoke
    return run(args=list(arguments))


def test_everything_sealed_is_sealed_anew(mailer: Mailer, tmp_path: Path) -> None:
    plain = [OLD.open(each) for each in sealed(mailer)]
    old = tmp_path / "old.key"
    old.write_text("the key of before\n")

    first = flask(mailer, "secrets", "rotate", "--old-key-file", str(old), "--json")
    second = flask(mailer, "secrets", "rotate", "--old-key-file", str(old), "--json")

    assert first.stdout == '{"relays": 1, "signing_keys": 2, "already": 0}\n'
    assert second.stdout == '{"relays": 0, "signing_keys": 0, "already": 3}\n'
    assert [NEW.open(each) for each in sealed(mailer)] == plain
    assert plain[0] == "kept"


def test_a_secret_that_neither_key_opens_leaves_all_as_it_was(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        senders_key = session.query(SigningKey).order_by(SigningKey.id.desc()).first()
        assert senders_key
        senders_key.sealed = Vault(b"a third").seal("PEM")
    before = sealed(mailer)

    neither = pytest.raises(SettingsError, match=r"key circular-\S+ of network\.example")
    with neither, mailer.database.writing() as session:
        rotate(session, old=OLD, new=NEW)

    assert sealed(mailer) == before


def test_a_file_that_is_not_there_is_a_sentence(mailer: Mailer, tmp_path: Path) -> None:
    missing = flask(mailer, "secrets", "rotate", "--old-key-file", str(tmp_path / "none"))

    assert missing.exit_code == 1
    assert "cannot be read" in missing.output
