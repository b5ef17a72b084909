"""The mailed link to sign in: made on the word of an admin, and forgotten here once it has gone."""

from pathlib import Path

import pytest

from contacts.actors import Actor
from contacts.database import Database
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.errors import NotAllowed, NotFound
from mailer.models import DeliveryStatus, Power, SystemMail
from mailer.notices import sign_in
from mailer.settings.relay_address import RelayAddress
from mailer.worker.carriers import carriers
from tests.factories import TESTER, a_mailer, a_newsletter
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer

SITE = "https://news.network.example"


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def mail_a_link(mailer: Mailer) -> SystemMail:
    at = now()
    with mailer.database.writing() as session:
        a_newsletter(session)
        asha, marc = (
            operators.create(
                session,
                email=f"{name.lower()}@network.example",
                name=name,
                power=power,
                actor=TESTER,
                now=at,
            )
            for name, power in (("Asha", Power.ADMIN), ("Marc", Power.EDITOR))
        )
        by = Actor.operator(asha.id)
        sign_in.mail_link(session, marc.id, site=SITE, actor=by, now=at)
        return session.query(SystemMail).one()


def carried(mailer: Mailer, mail: SystemMail, script: Script) -> SystemMail:
    with FaultServer(script) as relay:
        carrying = carriers(mailer, relay=RelayAddress.parse(f"smtp://127.0.0.1:{relay.port}"))
        carrying.notices.carry(mail.id)
        carrying.relays.close()
    with mailer.database.reading() as session:
        return session.get_one(SystemMail, mail.id)


def test_the_mail_says_who_lets_them_in_and_its_link_is_good(mailer: Mailer) -> None:
    mail = mail_a_link(mailer)

    assert mail.to_address == "marc@network.example"
    assert "Asha lets you in" in mail.paragraphs
    assert "write, plan and send issues that were approved" in mail.paragraphs
    with mailer.database.reading() as session:
        secret = mail.button_url.removeprefix(f"{SITE}/login/")
        assert sign_in_links.is_good(session, secret, now=now())


@pytest.mark.parametrize(
    ("script", "status"),
    [
        (Script(), DeliveryStatus.ACCEPTED),
        (Script(on_rcpt=lambda _: "550 5.1.1 nobody here"), DeliveryStatus.REFUSED),
    ],
)
def test_a_link_that_has_gone_stands_in_no_copy_of_the_database(
    mailer: Mailer, script: Script, status: DeliveryStatus
) -> None:
    kept = carried(mailer, mail_a_link(mailer), script)

    assert (kept.status, kept.button_url) == (status, "")


def test_a_mail_that_waits_keeps_its_link(mailer: Mailer) -> None:
    mail = mail_a_link(mailer)

    kept = carried(mailer, mail, Script(on_rcpt=lambda _: "451 4.3.0 later"))

    assert (kept.status, kept.button_url) == (DeliveryStatus.DEFERRED, mail.button_url)


def test_without_a_sender_or_for_somebody_removed_no_link_is_made(mailer: Mailer) -> None:
    at = now()
    with mailer.database.writing() as session:
        for name in ("a", "b"):
            made = operators.create(
                session,
                email=f"{name}@network.example",
                name=name,
                power=Power.ADMIN,
                actor=TESTER,
                now=at,
            )
        with pytest.raises(NotAllowed, match="no newsletter yet"):
            sign_in.mail_link(session, made.id, site=SITE, actor=TESTER, now=at)
        operators.remove(session, made.email, actor=TESTER, now=at)
        with pytest.raises(NotFound):
            sign_in.mail_link(session, made.id, site=SITE, actor=TESTER, now=at)
