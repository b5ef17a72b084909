"""The built-in catcher: an SMTP server on loopback that keeps every message in a folder.

Its process is ``python -m mailer.smtpd.catcher PORT FOLDER``.

It stands in for a relay where there is none. It never passes anything on, and a message it has
answered with 250 survives a kill of the process (not of the machine: nothing is synced).
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mailer import logs, supervision
from mailer.errors import SettingsError
from mailer.settings.hosts import is_loopback
from mailer.settings.listen_address import ListenAddress
from mailer.smtpd import server
from mailer.smtpd.caught_mail import CaughtMessage, Tray
from mailer.smtpd.protocol import Arrival, Terms
from mailer.smtpd.server import Limits

__all__ = ["CaughtMessage", "Tray", "main", "serve"]

_LARGEST: Final = 50 * 1024 * 1024  # octets of one message
_MOST_RECIPIENTS: Final = 1000
_MOST_FAULTS: Final = 50
_MOST_COMMANDS: Final = 2 * _MOST_RECIPIENTS
_LIMITS: Final = Limits(connections=200, each=200, held=1024 * 1024 * 1024)


async def serve(
    host: str,
    port: int,
    tray: Tray,
    stop: asyncio.Event,
    *,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Catch mail until ``stop`` is set; ``ready`` gets the port, which matters for port 0."""
    if not is_loopback(host):
        raise SettingsError(
            f"The catcher accepts mail from anybody, so it cannot listen on {host}."
        )
    tray.open()
    terms = Terms(
        name="catcher",
        accepts=lambda _recipient: True,
        largest=_LARGEST,
        recipients=_MOST_RECIPIENTS,
        faults=_MOST_FAULTS,
        commands=_MOST_COMMANDS,
    )

    def keep(arrival: Arrival) -> bytes:
        # Written from the event loop: a file takes less time than handing it to a thread.
        try:
            caught = tray.put(arrival.sent_from, arrival.sent_to, arrival.octets)
        except OSError:
            return b"452 4.3.1 The folder cannot be written to\r\n"
        return f"250 2.0.0 Kept as {caught.id}\r\n".encode("ascii")

    await server.serve(ListenAddress(host, port), terms, keep, stop, limits=_LIMITS, ready=ready)


def main(host: str, port: int, folder: Path) -> None:
    """Catch mail into a folder until SIGTERM or SIGINT."""

    async def run() -> None:
        await serve(host, port, Tray(folder), await server.stop_on_signals())

    asyncio.run(run())


if __name__ == "__main__":
    supervision.die_with_parent()
    logs.configure()
    main("127.0.0.1", int(sys.argv[1]), Path(sys.argv[2]))
