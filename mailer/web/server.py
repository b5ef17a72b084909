"""The web server: granian in front of the application, as one process group."""

import os
import signal
import time
from functools import partial
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
_ENDS_WITHIN: Final = 20  # seconds from the signal; then granian kills the process
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


def run() -> None:
    """Serve until SIGTERM."""
    settings = load()
    supervision.die_with_parent()
    leftovers.clear(settings.data_dir, settings.uploads_dir, now=time.time())
    _let_signals_end_what_is_forked()
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
        workers_kill_timeout=_ENDS_WITHIN,
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    )
    # Who started a process is asked here: the server may be gone by the time the process runs.
    server.serve(target_loader=partial(_gateway, os.getpid()), wrap_loader=False)


def _gateway(server: int) -> Any:
    """The application of one process, just forked from the server's."""
    supervision.die_with(server)
    return import_module("app").create_gateway()


def _let_signals_end_what_is_forked() -> None:
    """Have SIGTERM end a process of this one from its first instant.

    A forked process has its parent's handlers, which would take the signal and do nothing with it,
    until granian has handlers of that process. So the signal waits while a process is forked, and
    meets none of them.
    """
    os.register_at_fork(
        before=lambda: _set_mask(signal.SIG_BLOCK),
        after_in_parent=lambda: _set_mask(signal.SIG_UNBLOCK),
        after_in_child=_meet_the_end,
    )


def _set_mask(how: int) -> None:
    signal.pthread_sigmask(how, _ENDING)


def _meet_the_end() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)
    _set_mask(signal.SIG_UNBLOCK)


if __name__ == "__main__":
    run()
