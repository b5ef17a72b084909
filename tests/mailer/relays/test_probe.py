"""A relay tried out: what it shows, how far one mail gets, and an end to it in any case."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from mailer.delivery.smtp.envelopes import Envelope, Fate
from mailer.delivery.smtp.replies import Phase
from mailer.relays import probe_report
from mailer.relays.probe import LIMIT, TIMEOUTS, Trial, attempt
from mailer.settings.relay_address import RelayAddress, TlsMode
from tests.fakes.certificates import Certificate
from tests.fakes.smtp_script import STAY_SILENT, Do, Script
from tests.fakes.smtp_server import FaultServer

MAIL = Envelope(0, "n+x@network.example", "vera@network.example", b"Subject: a test\r\n\r\nHi.\r\n")
QUICK = replace(
    TIMEOUTS, connect=0.5, greeting=0.5, ehlo=0.5, starttls=1, auth=1, mail=1, rcpt=1, content=1
)
FULL = ("PIPELINING", "CHUNKING", "SIZE 10240000", "SMTPUTF8", "LIMITS MAILMAX=50", "X-ODD <b>")


def tried(
    server: FaultServer,
    envelope: Envelope | None = MAIL,
    limit: float = 5,
    tls: TlsMode = TlsMode.NONE,
    username: str | None = None,
    password: str | None = None,
    verify: bool = True,
) -> Trial:
    address = RelayAddress("127.0.0.1", server.port, tls, username, password, verify)
    return attempt(address, envelope, hello_name="here.example", timeouts=QUICK, limit=limit)


def test_a_relay_that_works_shows_what_it_is_and_takes_the_mail() -> None:
    with FaultServer(Script(greeting="220 relay.example ready", capabilities=FULL)) as server:
        trial = tried(server)

    facts = probe_report.to_json(trial)
    assert [kept.recipient for kept in server.kept] == [MAIL.recipient]
    assert trial.works
    assert facts["greeting"] == "220 relay.example ready"
    assert facts["offers"] == ["PIPELINING", "CHUNKING", "SIZE", "SMTPUTF8", "LIMITS"]
    assert facts["pipelining"] == "chunking"
    assert 0 < facts["round_trip"] < 1
    assert facts["mail"]["reply"] == "250 2.0.0 kept"
    assert facts["tls"] is None


def test_without_a_mail_a_trial_only_connects() -> None:
    with FaultServer() as server:
        trial = tried(server, None)

    assert trial.works
    assert trial.outcome is None
    assert not any(b"MAIL FROM" in read for reads in server.transcript for read in reads)


def test_a_refused_sender_is_reported() -> None:
    refusing = Script(on_mail=lambda path: "550 5.7.1 sender not allowed here")
    with FaultServer(refusing) as server:
        trial = tried(server)

    assert trial.outcome
    assert not trial.works
    sentence, meaning = probe_report.fate(trial.outcome)
    assert sentence == "It was refused at the sender’s address: 550 5.7.1 sender not allowed here"
    assert meaning.startswith("Every copy would fare the same")


@pytest.mark.parametrize(
    ("script", "sentence", "meaning"),
    [
        (Script(on_rcpt=lambda to: "550 5.1.1 no such user"), "refused at the rec", "only this"),
        (Script(on_rcpt=lambda to: "451 4.3.0 later"), "put off at the rec", "later, by itself"),
        (Script(on_content=lambda to: "554 5.6.0 no"), "refused after the", "only this"),
        (Script(on_content=lambda to: Do(close=True)), "may have been taken", "in doubt"),
    ],
)
def test_each_outcome_of_a_mail_has_its_sentence(
    script: Script, sentence: str, meaning: str
) -> None:
    with FaultServer(script) as server:
        trial = tried(server)

    assert trial.outcome
    report = probe_report.fate(trial.outcome)
    assert sentence in report[0]
    assert meaning in report[1]


def test_a_wrong_password_shows_how_far_it_came(tmp_path: Path) -> None:
    script = Script(
        tls=Certificate.make(tmp_path),
        credentials=("user", "right"),
        capabilities=("AUTH PLAIN LOGIN", "PIPELINING"),
    )
    with FaultServer(script) as server:
        trial = tried(
            server, tls=TlsMode.STARTTLS, username="user", password="wrong one", verify=False
        )

    assert (trial.failed_at, trial.works, trial.outcome) == (Phase.AUTH, False, None)
    assert trial.known.protection
    assert trial.known.protection.version.startswith("TLSv1.")
    assert trial.known.protection.subject == "CN=fake relay"
    assert trial.known.protection.expires_at
    report = " ".join(probe_report.failure(trial)) + str(probe_report.to_json(trial))
    assert "did not accept the user and password. It said: 535" in report
    assert "wrong one" not in report


def test_an_untrusted_certificate_is_reported(tmp_path: Path) -> None:
    with FaultServer(Script(tls=Certificate.make(tmp_path))) as server:
        trial = tried(server, tls=TlsMode.STARTTLS)

    assert trial.failed_at is Phase.STARTTLS
    assert "certificate that cannot be trusted" in trial.failure
    assert trial.known.greeting
    assert server.kept == []


def test_a_server_that_is_not_smtp_is_not_shown() -> None:
    with FaultServer(Script(greeting=Do(reply=b"HTTP/1.1 200 OK\r\n\r\nsecrets\r\n"))) as server:
        trial = tried(server)

    assert trial.failed_at is Phase.CONNECT
    assert "secrets" not in str(probe_report.to_json(trial))


def test_a_long_greeting_is_cut() -> None:
    with FaultServer(Script(greeting="220 " + "\n".join(["x" * 900] * 50))) as server:
        trial = tried(server)

    assert len(str(trial.known.greeting)) < 1100


def test_a_silent_relay_ends_the_trial_in_time() -> None:
    begun = time.monotonic()
    with FaultServer(Script(greeting=STAY_SILENT)) as server:
        trial = tried(server)

    assert time.monotonic() - begun < 3
    assert (trial.failed_at, trial.works) == (Phase.CONNECT, False)


def test_a_trial_ends_in_time_however_slow_the_relay() -> None:
    begun = time.monotonic()
    with FaultServer(Script(on_content=lambda to: Do("250 late", delay=5))) as server:
        trial = tried(server, limit=0.7)

    assert time.monotonic() - begun < 3
    assert trial.outcome
    assert (trial.outcome.fate, trial.works) == (Fate.UNCERTAIN, False)
    assert LIMIT < 20
