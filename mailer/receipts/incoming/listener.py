"""The listener: an SMTP or LMTP server for the mail that comes back, ``BOUNCE_LISTEN``.

It takes what is sent to the return paths and unsubscribe addresses that this installation sealed,
and to postmaster and abuse (RFC 5321 4.5.1), and refuses everything else. It relays nothing, reads
no message and uses no database: a message is in the folder of ``incoming``, on the disk, before its
250 is sent. The log counts messages and never says what they hold or who sent them.
"""

import asyncio
import errno
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import structlog

from mailer import logs, supervision
from mailer.errors import MailerError, SettingsError
from mailer.receipts.incoming import folder as incoming
from mailer.security.tokens import Purpose, Tokens
from mailer.settings.environment import load
from mailer.settings.listen_address import ListenAddress
from mailer.smtpd import server
from mailer.smtpd.protocol import Arrival, Terms
from mailer.smtpd.server import Limits

log = structlog.get_logger(__name__)

_MOST_RECIPIENTS: Final = 100  # RFC 5321 4.5.3.1.8
_MOST_FAULTS: Final = 20
_MOST_COMMANDS: Final = 2 * _MOST_RECIPIENTS
_WRITERS: Final = 4  # threads that wait for the disk
_REPORT_EVERY: Final = 60.0  # seconds
_KEPT: Final = b"250 2.0.0 Kept\r\n"
_FULL: Final = b"452 4.3.1 No room for it now\r\n"
_FAULTY: Final = b"451 4.3.0 It cannot be kept now\r\n"
_FULL_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Bounces of deliveries, mail to their unsubscribe addresses, bounces of system mail.
_OURS: Final = {"b+": Purpose.RETURN, "u+": Purpose.RETURN, "n+": Purpose.MESSAGE}
_DUTIES: Final = {"postmaster", "abuse"}
LIMITS: Final = Limits(
    connections=200,
    each=25,
    network=50,
    held=64 * 1024 * 1024,
    useless=600,  # RFC 5321 4.5.3.2.6: the longest that a client may have to wait for one reply
    lifetime=1800,
)


class Put(Protocol):
    """Keeps one message on the disk, or raises OSError and has kept nothing."""

    def __call__(self, message: bytes, *, sent_to: str, sent_from: str) -> Path: ...


class Listener:
    """Decides for which addresses mail is accepted, and keeps it on the disk."""

    def __init__(self, tokens: Tokens, put: Put, *, lmtp: bool) -> None:
        self._tokens = tokens
        self._put = put
        self._lmtp = lmtp
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="incoming")
        self._counts: Counter[str] = Counter()

    def accepts(self, address: str) -> bool:
        """Whether this is an address of ours. Only the token counts, not the domain."""
        local = (address.rpartition("@")[0] or address).lower()  # some mail systems fold it
        purpose = _OURS.get(local[:2])
        known = local in _DUTIES or (
            purpose is not None and self._tokens.open_from_mail(purpose, local[2:]) is not None
        )
        if not known:
            self._counts["recipients_refused"] += 1
        return known

    async def keep(self, arrival: Arrival) -> bytes:
        """Have a message kept once for each of its recipients; gives the reply to the client."""
        loop = asyncio.get_running_loop()
        replies = await loop.run_in_executor(self._writers, self._keep, arrival)
        self._counts["kept"] += replies.count(_KEPT)
        self._counts["put_off"] += len(replies) - replies.count(_KEPT)
        return b"".join(replies)

    def report(self) -> None:
        """Log the counts since the last call, if any message came."""
        counts, self._counts = +self._counts, Counter()
        if counts:
            log.info("mail came back", **counts)

    def close(self) -> None:
        """Wait for messages that are being written, and log the last counts."""
        self._writers.shutdown()
        self.report()

    def _keep(self, arrival: Arrival) -> list[bytes]:
        kept: list[Path] = []
        replies: list[bytes] = []
        for recipient in arrival.sent_to:
            try:
                path = self._put(arrival.octets, sent_to=recipient, sent_from=arrival.sent_from)
            except OSError as fault:
                log.warning("a message could not be kept now", why=fault.strerror)
                replies.append(_FULL if fault.errno in _FULL_DISK else _FAULTY)
            else:
                kept.append(path)
                replies.append(_KEPT)
        if self._lmtp or len(kept) == len(replies):
            return replies if self._lmtp else replies[:1]
        # SMTP has one reply for all recipients, so the client sends the message again for all of
        # them.
        for path in kept:
            incoming.remove(path)
        return [next(reply for reply in replies if reply != _KEPT)]


async def listen(
    address: ListenAddress,
    listener: Listener,
    stop: asyncio.Event,
    *,
    name: str,
    limits: Limits = LIMITS,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Receive mail until ``stop`` is set; ``name`` is the host name in its greeting."""
    terms = Terms(
        name=name,
        accepts=listener.accepts,
        largest=incoming.LARGEST,
        recipients=_MOST_RECIPIENTS,
        faults=_MOST_FAULTS,
        commands=_MOST_COMMANDS,
        lmtp=address.lmtp,
    )
    reporting = asyncio.create_task(_report(listener))
    try:
        await server.serve(address, terms, listener.keep, stop, limits=limits, ready=ready)
    finally:
        reporting.cancel()
        listener.close()


async def _report(listener: Listener) -> None:
    while True:
        await asyncio.sleep(_REPORT_EVERY)
        listener.report()


def run() -> None:
    """Listen until SIGTERM or SIGINT."""
    logs.configure()
    supervision.die_with_parent()
    settings = load()
    address = settings.bounce_listen
    if address is None:
        raise SettingsError("BOUNCE_LISTEN names no place to listen at: set it, like 0.0.0.0:25.")
    folder = settings.incoming_dir
    incoming.clear_parts(folder)
    put = partial(incoming.put, folder)
    listener = Listener(Tokens(settings.secret), put, lmtp=address.lmtp)

    async def until_stopped() -> None:
        stop = await server.stop_on_signals()
        await listen(address, listener, stop, name=settings.hello_name)

    asyncio.run(until_stopped())


if __name__ == "__main__":
    try:
        run()
    except MailerError as error:
        sys.exit(str(error))
