"""The SMTP handshake, before the first message: greeting, EHLO, TLS and signing in.

RelayUnavailable   (Deferred)  the relay is away or busy: come back later
RelayRefused       (Refused)   the relay, or this side for safety, will not talk: a person must look
"""

import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Protocol

from mailer.delivery.smtp.peer import PeerInfo, Protection
from mailer.delivery.smtp.replies import Capabilities, Lost, Phase, Reply, reply_of
from mailer.delivery.smtp.wire import Timeouts
from mailer.errors import Deferred, Refused
from mailer.settings.relay_address import RelayAddress, TlsMode


class RelayUnavailable(Deferred):
    """The relay cannot be talked to now; ``reply`` is what it said, if anything."""

    def __init__(self, sentence: str, *, phase: Phase, reply: Reply | None = None) -> None:
        self.phase = phase
        self.reply = reply
        super().__init__(_with_reply(sentence, reply))


class RelayRefused(Refused):
    """The relay cannot be used as it is set up; nothing was wrong with any message."""

    def __init__(self, sentence: str, *, phase: Phase, reply: Reply | None = None) -> None:
        self.phase = phase
        self.reply = reply
        super().__init__(_with_reply(sentence, reply))


def _with_reply(sentence: str, reply: Reply | None) -> str:
    return f"{sentence} It said: {reply}" if reply else sentence


class _Wire(Protocol):
    def write(self, pieces: Sequence[bytes], seconds: float) -> int: ...

    def read_lines(self, seconds: float) -> tuple[int, list[bytes]]: ...

    def secure(self, address: RelayAddress, seconds: float) -> None: ...

    def protection(self) -> Protection: ...


class Handshake:
    """One handshake; ``known`` is filled in as it goes on."""

    def __init__(
        self,
        wire: _Wire,
        address: RelayAddress,
        hello_name: str,
        timeouts: Timeouts,
        known: PeerInfo,
    ) -> None:
        self._wire = wire
        self._address = address
        self._hello = f"EHLO {hello_name}\r\n".encode("ascii")
        self._timeouts = timeouts
        self._place = f"The relay {address}"
        self._secret = address.loopback
        self.known = known

    def run(self) -> Capabilities:
        """Do the whole handshake; the capabilities of the last EHLO."""
        if self._address.tls is TlsMode.IMPLICIT:
            self._secure()
        self.known.greeting = reply_of(
            *self._reply(Phase.CONNECT, self._timeouts.greeting, f"{self._place} turned us away.")
        )
        offered = self._greet()
        if self._address.tls in {TlsMode.STARTTLS, TlsMode.OPPORTUNISTIC}:
            offered = self._start_tls(offered)
        if self._address.username is not None:
            self._sign_in(offered)
            self.known.signed_in = True
        return offered

    def _greet(self) -> Capabilities:
        asked = time.monotonic()
        lines = self._command(
            self._hello, Phase.EHLO, self._timeouts.ehlo, f"{self._place} did not take our EHLO."
        )[1]
        self.known.round_trip = time.monotonic() - asked
        self.known.offered = Capabilities.parse(lines)
        return self.known.offered

    def _start_tls(self, offered: Capabilities) -> Capabilities:
        if not offered.starttls:
            if self._address.tls is TlsMode.OPPORTUNISTIC:
                return offered
            raise RelayRefused(
                f"{self._place} does not offer TLS, and it is set to be required.",
                phase=Phase.STARTTLS,
            )
        self._command(
            b"STARTTLS\r\n",
            Phase.STARTTLS,
            self._timeouts.starttls,
            f"{self._place} offers TLS but would not start it.",
        )
        self._secure()
        return self._greet()  # RFC 3207 4.2: capabilities offered before TLS must be forgotten

    def _secure(self) -> None:
        self._wire.secure(self._address, self._timeouts.starttls)
        self._secret = True
        self.known.protection = self._wire.protection()

    def _sign_in(self, offered: Capabilities) -> None:
        if not self._secret:
            raise RelayRefused(
                f"{self._place} does not offer TLS, and a password is not sent in clear.",
                phase=Phase.AUTH,
            )
        user = (self._address.username or "").encode()
        password = (self._address.password or "").encode()
        if "PLAIN" in offered.auth:
            response = b64encode(b"\0".join([b"", user, password]))
            command = b"AUTH PLAIN " + response
            if len(command) > 510:  # RFC 4954 4: then the response goes on a line of its own
                command = b"AUTH PLAIN"
            steps = [command, response]
        elif "LOGIN" in offered.auth:
            steps = [b"AUTH LOGIN", b64encode(user), b64encode(password)]
        else:
            raise RelayRefused(
                f"{self._place} offers no way to sign in with a password.", phase=Phase.AUTH
            )
        code = 334
        for step in steps:
            if code == 334:
                code, _ = self._command(
                    step + b"\r\n",
                    Phase.AUTH,
                    self._timeouts.auth,
                    f"{self._place} did not accept the user and password.",
                    kinds={2, 3},
                )
        if code // 100 != 2:
            raise RelayRefused(f"{self._place} kept asking while we signed in.", phase=Phase.AUTH)

    def _command(
        self,
        line: bytes,
        phase: Phase,
        seconds: float,
        otherwise: str,
        kinds: Iterable[int] = (2,),
    ) -> tuple[int, list[bytes]]:
        self._wire.write([line], seconds)
        return self._reply(phase, seconds, otherwise, kinds)

    def _reply(
        self, phase: Phase, seconds: float, otherwise: str, kinds: Iterable[int] = (2,)
    ) -> tuple[int, list[bytes]]:
        try:
            code, lines = self._wire.read_lines(seconds)
        except Lost as loss:
            raise RelayUnavailable(f"{self._place} went away: {loss}.", phase=phase) from None
        if code // 100 in kinds:
            return code, lines
        reply = reply_of(code, lines)
        if reply.kind == 5:
            raise RelayRefused(otherwise, phase=phase, reply=reply)
        raise RelayUnavailable(otherwise, phase=phase, reply=reply)
