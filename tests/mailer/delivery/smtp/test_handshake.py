"""The handshake before the first message, with servers of every kind."""

import time
from pathlib import Path

import pytest

from mailer.delivery.smtp.client import (
    Connection,
    Fate,
    Phase,
    RelayAddress,
    RelayRefused,
    RelayUnavailable,
    TlsMode,
)
from mailer.errors import Deferred, Refused, SettingsError
from tests.fakes.certificates import Certificate
from tests.fakes.smtp_script import CLOSE, STAY_SILENT, Do, Script, Step
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.smtp.talking import HASTY, connect, envelope, fates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("tls"))


# Opening


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        ("421 busy", RelayUnavailable),
        ("451 later", RelayUnavailable),
        (CLOSE, RelayUnavailable),
        (STAY_SILENT, RelayUnavailable),
        (Do("SSH-2.0-OpenSSH_9"), RelayUnavailable),
        ("554 no service here", RelayRefused),
    ],
)
def test_a_greeting_makes_the_relay_unavailable_or_refused(
    greeting: Step, error: type[RelayRefused] | type[RelayUnavailable]
) -> None:
    with FaultServer(Script(greeting=greeting)) as server, pytest.raises(error) as raised:
        connect(server, timeouts=HASTY)

    assert isinstance(raised.value, RelayRefused | RelayUnavailable)
    assert isinstance(raised.value, Deferred if error is RelayUnavailable else Refused)
    assert raised.value.phase is Phase.CONNECT
    assert str(server.port) in str(raised.value)


def test_the_error_of_a_refused_ehlo_has_the_reply() -> None:
    with (
        FaultServer(Script(ehlo="550 5.7.1 go away")) as server,
        pytest.raises(RelayRefused) as bad,
    ):
        connect(server)

    assert bad.value.phase is Phase.EHLO
    assert "550 5.7.1 go away" in str(bad.value)


def test_a_relay_that_is_not_there_is_unavailable() -> None:
    with FaultServer() as server:
        pass

    with pytest.raises(RelayUnavailable, match="cannot be reached"):
        connect(server)


def test_capabilities_are_read_in_any_case_and_order() -> None:
    offered = ("size 1000", "AUTH=LOGIN", "auth PLAIN login", "LIMITS MAILMAX=7", "x-odd 1 2", "")
    with FaultServer(Script(capabilities=offered)) as server, connect(server) as connection:
        capabilities = connection.capabilities

    assert (capabilities.size, capabilities.mail_max) == (1000, 7)
    assert capabilities.auth == {"PLAIN", "LOGIN"}
    assert not capabilities.pipelining


def test_a_greeting_line_without_an_end_is_given_up() -> None:
    with (
        FaultServer(Script(greeting=Do(b"x" * 9000))) as server,
        pytest.raises(RelayUnavailable, match="without an end"),
    ):
        connect(server)


def test_a_reply_without_a_last_line_is_given_up() -> None:
    with (
        FaultServer(Script(ehlo="250 x" + "\ny" * 300)) as server,
        pytest.raises(RelayUnavailable, match="without an end"),
    ):
        connect(server)


def test_a_reply_that_drips_in_has_one_timeout_in_all() -> None:
    begun = time.monotonic()
    with (
        FaultServer(Script(drip=0.1)) as server,
        pytest.raises(RelayUnavailable, match="timed out"),
    ):
        connect(server, timeouts=HASTY)

    assert time.monotonic() - begun < 1


def test_a_hello_name_that_is_no_host_name_is_refused() -> None:
    with pytest.raises(SettingsError):
        Connection.open(RelayAddress("127.0.0.1", 1), hello_name="a b\r\n")


# TLS


def test_the_ehlo_after_starttls_counts(certificate: Certificate) -> None:
    script = Script(
        tls=certificate, capabilities=("PIPELINING",), capabilities_in_tls=("SIZE 9999",)
    )
    with (
        FaultServer(script) as server,
        connect(server, tls=TlsMode.STARTTLS, ca=str(certificate.certificate)) as connection,
    ):
        outcomes = list(connection.send(envelope(key) for key in range(5)))
        capabilities = connection.capabilities

    assert (capabilities.pipelining, capabilities.size) == (False, 9999)
    assert {outcome.fate for outcome in outcomes} == {Fate.ACCEPTED}


def test_implicit_tls_carries_pipelined_mail(certificate: Certificate) -> None:
    script = Script(tls=certificate, implicit_tls=True)
    large = (b"large " * 12 + b"\r\n") * 5_000
    with (
        FaultServer(script) as server,
        connect(server, tls=TlsMode.IMPLICIT, ca=str(certificate.certificate)) as connection,
    ):
        first = list(connection.send([envelope(1, large), envelope(2)]))
        second = list(connection.send([envelope(3)]))

    assert fates(first + second) == {1: "accepted", 2: "accepted", 3: "accepted"}
    assert server.kept[0].content == large


def test_a_connection_lost_inside_tls_accepts_nothing(certificate: Certificate) -> None:
    script = Script(tls=certificate, implicit_tls=True, cut_content_at=1000)
    with (
        FaultServer(script) as server,
        connect(server, tls=TlsMode.IMPLICIT, ca=str(certificate.certificate)) as connection,
    ):
        outcomes = list(connection.send([envelope(1, b"x" * 70_000_00), envelope(2)]))

    assert fates(outcomes) == {1: "untouched", 2: "untouched"}


@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT])
def test_a_certificate_of_an_unknown_authority_is_refused(
    certificate: Certificate, mode: TlsMode
) -> None:
    script = Script(tls=certificate, implicit_tls=mode is TlsMode.IMPLICIT)
    with (
        FaultServer(script) as server,
        pytest.raises(RelayRefused, match="cannot be trusted") as refused,
    ):
        connect(server, tls=mode)

    assert refused.value.phase is Phase.STARTTLS


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    other = Certificate.make(tmp_path, "elsewhere.example")
    with (
        FaultServer(Script(tls=other)) as server,
        pytest.raises(RelayRefused, match="cannot be trusted"),
    ):
        connect(server, tls=TlsMode.STARTTLS, ca=str(other.certificate))


def test_verification_can_be_switched_off(certificate: Certificate) -> None:
    with FaultServer(Script(tls=certificate)) as server:
        connection = connect(server, tls=TlsMode.STARTTLS, verify=False)
        outcomes = list(connection.send([envelope(1)]))
        connection.close()

    assert fates(outcomes) == {1: "accepted"}


def test_a_stripped_starttls_is_refused_where_it_is_required() -> None:
    with FaultServer() as server, pytest.raises(RelayRefused, match="does not offer TLS"):
        connect(server, tls=TlsMode.STARTTLS)


def test_opportunistic_tls_uses_what_is_offered(certificate: Certificate) -> None:
    with FaultServer(Script(tls=certificate)) as secured, FaultServer() as plain:
        connect(secured, tls=TlsMode.OPPORTUNISTIC, verify=False).close()
        connect(plain, tls=TlsMode.OPPORTUNISTIC, verify=False).close()

    assert b"STARTTLS\r\n" in secured.transcript[0]
    assert b"STARTTLS\r\n" not in plain.transcript[0]


def test_text_injected_before_tls_is_refused(certificate: Certificate) -> None:
    script = Script(tls=certificate, after_starttls=b"250-fake\r\n250 AUTH PLAIN\r\n")
    with FaultServer(script) as server, pytest.raises(RelayRefused, match="in front of TLS"):
        connect(server, tls=TlsMode.STARTTLS, ca=str(certificate.certificate))


def test_tls_spoken_to_a_plain_port_is_refused_or_unavailable() -> None:
    with FaultServer() as server, pytest.raises((RelayRefused, RelayUnavailable)):
        connect(server, tls=TlsMode.IMPLICIT)


# Signing in


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "PLAIN", "LOGIN", "XOAUTH2 LOGIN"])
def test_signing_in_works_with_plain_and_login(mechanisms: str) -> None:
    secret = ("mailer", "pässword: %/")
    script = Script(capabilities=(f"AUTH {mechanisms}",), credentials=secret)
    with FaultServer(script) as server:
        connection = connect(server, username=secret[0], password=secret[1])
        connection.close()

    verb = b"AUTH PLAIN " if "PLAIN" in mechanisms else b"AUTH LOGIN\r\n"
    assert server.transcript[0][1].startswith(verb)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("535 5.7.8 wrong", RelayRefused),
        ("534 5.7.9 too weak", RelayRefused),
        ("454 4.7.0 later", RelayUnavailable),
        (CLOSE, RelayUnavailable),
    ],
)
def test_a_failed_sign_in_refuses_the_relay(
    reply: Step, error: type[RelayRefused] | type[RelayUnavailable]
) -> None:
    script = Script(capabilities=("AUTH PLAIN",), auth_replies={"PLAIN": reply})
    with FaultServer(script) as server, pytest.raises(error) as raised:
        connect(server, username="u", password="hidden")

    assert isinstance(raised.value, RelayRefused | RelayUnavailable)
    assert raised.value.phase is Phase.AUTH
    assert "hidden" not in str(raised.value)


def test_a_relay_without_a_way_to_sign_in_is_refused() -> None:
    with (
        FaultServer(Script(capabilities=("AUTH XOAUTH2",))) as server,
        pytest.raises(RelayRefused, match="no way to sign in"),
    ):
        connect(server, username="u", password="p")


def test_a_password_is_never_sent_unencrypted_to_another_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No other machine is at hand: the address says that this one is another.
    monkeypatch.setattr(RelayAddress, "loopback", property(lambda _: False))
    with (
        FaultServer(Script(capabilities=("AUTH PLAIN",))) as server,
        pytest.raises(RelayRefused, match="not sent in clear"),
    ):
        connect(server, username="u", password="p")

    assert not any(b"AUTH" in read for read in server.transcript[0])
