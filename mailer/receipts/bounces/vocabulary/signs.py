"""Patterns that identify messages from mail systems and other machines; read from the data."""

import re
from typing import Final

from mailer.receipts.bounces.vocabulary.tables import read_table

_SIGNS: Final = read_table("signs.toml")


def _any_of(name: str) -> re.Pattern[str]:
    return re.compile("|".join(_SIGNS[name]), re.IGNORECASE)


DAEMON: Final = _any_of("daemon")
SUBJECT: Final = _any_of("subject")
OPENING: Final = _any_of("opening")
DELAYED: Final = _any_of("delayed")
FINAL: Final = _any_of("final")
ANSWER: Final = _any_of("answer")
RETURNED: Final = _any_of("returned")
AWAY: Final = _any_of("away")
