"""Logs: one line an event, on stderr, without addresses or secrets.

Whoever logs gives ids and names of routes. What other people's exceptions and libraries say may
hold an address or the token of a link all the same, so both are taken out of every line here.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

# What stands under these names is shown whole: an operator has to open or find it, and it opens
# nothing of a person.
SHOWN_WHOLE: Final = frozenset({"confirm_at", "courier", "file", "timestamp"})
_ADDRESS: Final = re.compile(r"[^\s@<>()\[\]{}\"',;:=]+@[^\s@<>()\[\]{}\"',;:=]+\.[^\W\d_]{2,}")
# As links, sessions and API tokens have them: names of functions have no digits as a rule.
_SECRET: Final = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{32,}(?![\w-])")


def hidden(text: str) -> str:
    """The text without e-mail addresses and without what could be the secret of a link."""
    if "@" in text:
        text = _ADDRESS.sub("…@…", text)
    return _SECRET.sub("…", text)


def without_secrets(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """A processor of structlog: nothing but numbers and what is SHOWN_WHOLE goes by unseen."""
    return {
        name: value
        if name in SHOWN_WHOLE or value is None or isinstance(value, int | float)
        else hidden(str(value))
        for name, value in event.items()
    }


class _WithoutSecrets(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))


def configure() -> None:
    """Send structured lines to stderr; standard output belongs to answers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutSecrets("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("dramatiq").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            without_secrets,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
