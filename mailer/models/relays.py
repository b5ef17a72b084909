"""Relays: where mail is handed over, how fast, and how it went lately."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Double, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowId, RowKey, words
from mailer.settings.relay_address import TlsMode

_EASED_BY: Final = 1.1  # what was slowed down is let go a tenth faster …
_EASED_EVERY: Final = timedelta(seconds=30)  # … this often
_AT_WILL: Final = 10_000.0  # messages a second nobody reaches


class Relay(Base):
    """One relay. They are used in the order of ``position``; the next when one fails.

    The relay of ``SMTP_URL`` is a row like any other, except that its address and password stay in
    the environment. Passwords of the others are sealed by the vault. No ``per_second`` means as
    fast as it goes.

    ``free_at`` is the moment up to which messages have been let go at the set speed; ``slowed_to``
    is a speed the relay has asked for. While ``try_again_at`` lies ahead, nothing is sent here.
    """

    __tablename__ = "relays"

    id: Mapped[RowKey]
    name: Mapped[Line]
    position: Mapped[int]
    enabled: Mapped[bool]
    from_environment: Mapped[bool]
    host: Mapped[Line]
    port: Mapped[int]
    tls: Mapped[TlsMode] = mapped_column(words(TlsMode))
    verify: Mapped[bool]
    username: Mapped[Line | None]
    sealed_password: Mapped[Prose | None]
    return_domain: Mapped[Line]  # of return paths; "" for the installation's own
    per_second: Mapped[float | None] = mapped_column(Double)
    per_hour: Mapped[int | None]
    per_day: Mapped[int | None]
    connections: Mapped[int]  # at most, of all workers together
    free_at: Mapped[Moment | None]
    slowed_to: Mapped[float | None] = mapped_column(Double)
    slowed_at: Mapped[Moment | None]
    failures: Mapped[int] = mapped_column(SmallInteger)  # in a row
    refused: Mapped[bool]  # it will not take us as we are: a person must look
    trouble: Mapped[Prose | None]
    try_again_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]

    @property
    def capped(self) -> bool:
        """Whether messages are counted by the hour or the day."""
        return self.per_hour is not None or self.per_day is not None

    def speed(self, now: datetime) -> float | None:
        """Messages a second at this moment: as set, or less where the relay asked for less."""
        if self.slowed_to is None or self.slowed_at is None:
            return self.per_second
        eased: float = self.slowed_to * _EASED_BY ** min(
            200.0, (now - self.slowed_at) / _EASED_EVERY
        )
        if self.per_second is None:
            return eased if eased < _AT_WILL else None
        return min(self.per_second, eased)

    def recovered(self) -> None:
        """Forget what failed: it is used again at once."""
        self.failures, self.refused, self.trouble, self.try_again_at = 0, False, None, None

    def unhurried(self) -> None:
        """Forget what it asked for and how far ahead it was paced: the set speed counts anew."""
        self.slowed_to, self.slowed_at, self.free_at = None, None, None


class RelayUse(Base):
    """How many messages were let go to a relay within one minute; kept where a cap needs it."""

    __tablename__ = "relay_uses"

    relay_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("relays.id", ondelete="CASCADE"), primary_key=True
    )
    minute: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)  # since 1970
    number: Mapped[int]
