"""The listener: an SMTP or LMTP server for the mail that comes back, ``BOUNCE_LISTEN``.

It takes what is sent to the return paths and unsubscribe addresses that this installation sealed,
and to postmaster and abuse (RFC 5321 4.5.1), and refuses everything else. It relays nothing, reads
nothing and knows no database: a message is in the folder of ``incoming``, on the disk, before its
250 is said. The log tells how much came and never what or from whom.
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
from mailer.settings.listen_address import Entrance
from mailer.smtpd import server
from mailer.smtpd.protocol import Arrival, Terms
from mailer.smtpd.server import Limits

log = structlog.get_logger(__name__)

_MOST_RECIPIENTS: Final = 100  # RFC 5321 4.5.3.1.8
_MOST_FAULTS: Final = 20
_WRITERS: Final = 4  # threads that wait for the disk
_REPORT_EVERY: Final = 60.0  # seconds
_KEPT: Final = b"250 2.0.0 Kept\r\n"
_FULL: Final = b"452 4.3.1 No room for it now\r\n"
_FAULTY: Final = b"451 4.3.0 It cannot be kept now\r\n"
_FULL_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Bounces of deliveries, mail to their unsubscribe addresses, bounces of system mail.
_OURS: Final = {"b+": Purpose.RETURN, "u+": Purpose.RETURN, "n+": Purpose.MESSAGE}
_DUTIES: Final = {"postmaster", "abuse"}
LIMITS: Final = Limits(connections=100, each=25, held=64 * 1024 * 1024, lifetime=1800)


class Put(Protocol):
    """Keeps one message on the disk, or raises OSError and has kept nothing."""

    def __call__(self, message: bytes, *, sent_to: str, sent_from: str) -> Path: ...


class Listener:
    """Decides whom mail is taken for, and has it kept."""

    def __init__(self, tokens: Tokens, put: Put, *, lmtp: bool) -> None:
        self._tokens = tokens
        self._put = put
        self._lmtp = lmtp
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="incoming")
        self._counts: Counter[str] = Counter()

    def accepts(self, address: str) -> bool:
        """Whether this is an address of ours. Its domain is not looked at: the token tells."""
        local = (address.rpartition("@")[0] or address).lower()  # some mail systems fold it
        purpose = _OURS.get(local[:2])
        known = local in _DUTIES or (
            purpose is not None and self._tokens.open_from_mail(purpose, local[2:]) is not None
        )
        if not known:
            self._counts["recipients_refused"] += 1
        return known

    async def keep(self, arrival: Arrival) -> bytes:
        """Have a message kept once for each of its recipients; the reply that ``Arrival`` asks."""
        loop = asyncio.get_running_loop()
        replies = await loop.run_in_executor(self._writers, self._keep, arrival)
        self._counts["kept"] += replies.count(_KEPT)
        self._counts["put_off"] += len(replies) - replies.count(_KEPT)
        return b"".join(replies)

    def report(self) -> None:
        """Say in the log how much came since the last time, if anything did."""
        counts, self._counts = +self._counts, Counter()
        if counts:
            log.info("mail came back", **counts)

    def close(self) -> None:
        """Wait for what is being written, and say what came last."""
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
        # One reply speaks for all recipients, so the message will come again for each of them.
        for path in kept:
            incoming.done(path)
        return [next(reply for reply in replies if reply != _KEPT)]


async def listen(
    entrance: Entrance,
    listener: Listener,
    stop: asyncio.Event,
    *,
    name: str,
    limits: Limits = LIMITS,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Receive mail until ``stop`` is set; ``name`` is what this host calls itself."""
    terms = Terms(
        name=name,
        accepts=listener.accepts,
        largest=incoming.LARGEST,
        recipients=_MOST_RECIPIENTS,
        faults=_MOST_FAULTS,
        lmtp=entrance.lmtp,
    )
    reporting = asyncio.create_task(_report(listener))
    try:
        await server.serve(entrance, terms, listener.keep, stop, limits=limits, ready=ready)
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
    entrance = settings.bounce_listen
    if entrance is None:
        raise SettingsError("BOUNCE_LISTEN names no place to listen at: set it, like 0.0.0.0:25.")
    folder = settings.incoming_dir
    incoming.clear_parts(folder)
    put = partial(incoming.put, folder)
    listener = Listener(Tokens(settings.secret), put, lmtp=entrance.lmtp)

    async def until_stopped() -> None:
        stop = await server.stop_on_signals()
        await listen(entrance, listener, stop, name=settings.hello_name)

    asyncio.run(until_stopped())


if __name__ == "__main__":
    try:
        run()
    except MailerError as error:
        sys.exit(str(error))
