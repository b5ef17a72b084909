"""The wall clock. Only doors and the courier read it; everything below is handed ``now``."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
