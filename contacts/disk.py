"""A full disk, recognised wherever it is met: in a file, in SQLite and in PostgreSQL."""

import errno
import sqlite3
from typing import Final

# EFBIG is what a limit on the size of files says, instead of the disk.
_OF_FILES: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OF_SQLITE: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_OF_POSTGRESQL: Final = "53100"  # disk_full, of class 53: insufficient resources


def is_full(fault: BaseException | None) -> bool:
    """Whether a fault, or the one that it was made of, says that there is no room on a disk."""
    while fault is not None:
        if isinstance(fault, OSError) and fault.errno in _OF_FILES:
            return True
        if getattr(fault, "sqlite_errorcode", None) in _OF_SQLITE:
            return True
        if getattr(fault, "sqlstate", None) == _OF_POSTGRESQL:
            return True
        # What SQLAlchemy makes of a driver's fault has it as ``orig``.
        fault = getattr(fault, "orig", None) or fault.__cause__
    return False
