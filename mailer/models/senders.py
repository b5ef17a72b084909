"""Senders: the keys that mail is signed with."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowKey


class SigningKey(Base):
    """One DKIM key of one domain. The private half is sealed: a copy of the database signs nothing.

    A key that is not ``used_from`` any moment waits for its record to be published.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (UniqueConstraint("domain", "selector"),)

    id: Mapped[RowKey]
    domain: Mapped[Line]
    selector: Mapped[str] = mapped_column(String(63))
    sealed: Mapped[Prose]  # PEM, sealed by the vault
    created_at: Mapped[Moment]
    used_from: Mapped[Moment | None]
