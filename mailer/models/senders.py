"""Senders: the keys that mail is signed with, and what DNS said of their domains."""

from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
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


class DomainCheck(Base):
    """What one check of one domain found. ``aligned`` None: DNS left it open."""

    __tablename__ = "domain_checks"
    __table_args__ = (Index("ix_domain_checks_domain_checked_at", "domain", "checked_at"),)

    id: Mapped[RowKey]
    domain: Mapped[Line]
    checked_at: Mapped[Moment]
    aligned: Mapped[bool | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
