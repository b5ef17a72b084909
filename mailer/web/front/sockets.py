"""Clients that do not take their answers: the kernel ends their connections after a while.

Granian has no deadline for writing. A connection takes over the options of the socket that listens,
so it is enough to set TCP_USER_TIMEOUT (RFC 5482) there: octets that stay unacknowledged for longer
end the connection, also where the client lives and only reads nothing.
"""

import asyncio
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

_UNREAD: Final = 30_000  # milliseconds
_LOOK_EVERY: Final = 0.2  # seconds, until granian listens
_LOOKS: Final = 300
_FILES: Final = Path("/proc/self/fd")


def limit_unread(loop: asyncio.AbstractEventLoop, looks: int = _LOOKS) -> None:
    """Set the limit as soon as this process listens; where there is no such option, do nothing."""
    if looks and hasattr(socket, "TCP_USER_TIMEOUT") and _FILES.exists() and not _set():
        loop.call_later(_LOOK_EVERY, limit_unread, loop, looks - 1)


def _set() -> bool:
    found = False
    for name in os.listdir(_FILES):  # noqa: PTH208 - numbers of files, no paths
        with suppress(OSError), socket.socket(fileno=os.dup(int(name))) as each:
            if each.type is socket.SOCK_STREAM and each.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            ):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD)
                found = True
    return found
