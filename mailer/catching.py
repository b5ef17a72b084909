"""The catcher as a process of its own: ``python -m mailer.catching PORT FOLDER``."""

import sys
from pathlib import Path

from mailer import supervision
from mailer.smtpd import catcher


def run(port: str, folder: str) -> None:
    """Catch mail on loopback until SIGTERM."""
    supervision.die_with_parent()
    catcher.main("127.0.0.1", int(port), Path(folder))


if __name__ == "__main__":
    run(*sys.argv[1:])
