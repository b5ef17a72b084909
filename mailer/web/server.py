"""The web server: granian in front of the application, as one process group."""

import os
import signal
import time
from importlib import import_module
from typing import Any, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from contacts.importing import leftovers
from mailer import supervision
from mailer.settings.environment import load

_HEADERS_WITHIN: Final = 15_000  # milliseconds, also for the next request of a connection
_LARGEST_HEAD: Final = 64 * 1024  # octets of a request before its body
_CONNECTIONS: Final = 2048  # at once, of each process: a slow client costs a socket, and no thread


def run() -> None:
    """Serve until SIGTERM."""
    settings = load()
    supervision.die_with_parent()
    leftovers.clear(settings.data_dir, settings.uploads_dir, now=time.time())
    server = Granian(
        "app:create_gateway",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,  # one request of a connection at a time
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEADERS_WITHIN, max_buffer_size=_LARGEST_HEAD
        ),
        workers=settings.web_workers,
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    )
    server.serve(target_loader=_gateway, wrap_loader=False)


def _gateway() -> Any:
    """The application of one process, just forked from the server's."""
    # Until granian has handlers of this process, those of its parent would take a signal and do
    # nothing with it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    supervision.die_with(os.getppid())
    return import_module("app").create_gateway()


if __name__ == "__main__":
    run()
