"""Operators: the people who work in the admin, and what lets them or their programs in."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Column, Date, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Line, Moment, RowId, RowKey, Slug

operator_roles = Table(
    "operator_roles",
    Base.metadata,
    Column("operator_id", RowId, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", RowId, ForeignKey("operator_role_names.id"), primary_key=True),
)


class Power(StrEnum):
    """The roles; ``mailer.accounts.roles`` says what each may do."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMIN = "admin"


class OperatorRole(Base):
    """A role by its name, one of ``Power``."""

    __tablename__ = "operator_role_names"

    id: Mapped[RowKey]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[Line]

    def get_permissions(self) -> set[str]:
        """Finer permissions than the role itself: none. The sign-in library asks for them."""
        return set()


class Operator(Base):
    """A person who can sign in."""

    __tablename__ = "operators"

    id: Mapped[RowKey]
    email: Mapped[Line] = mapped_column(unique=True)
    name: Mapped[Line]
    password: Mapped[Line | None]  # argon2id, or none: signs in by link only
    active: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)  # Flask-Security wants one
    created_at: Mapped[Moment]
    calendar_key: Mapped[int | None]  # what the address of their calendar feed is known by

    roles: Mapped[list[OperatorRole]] = relationship(secondary=operator_roles, lazy="selectin")


class SignInLink(Base):
    """A link that signs one operator in, once. Only its digest is kept."""

    __tablename__ = "sign_in_links"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    operator_id: Mapped[int] = mapped_column(RowId, ForeignKey("operators.id", ondelete="CASCADE"))
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class OperatorSession(Base):
    """A sign-in in one browser, until it ends. Only a digest of what the browser holds is kept."""

    __tablename__ = "operator_sessions"

    id: Mapped[RowKey]
    operator_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("operators.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[Slug]  # the browser and system in a few words
    by_link: Mapped[bool]  # begun by a sign-in link, not by a password
    begun_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]  # to within a few minutes
    ended_at: Mapped[Moment | None]


class ApiToken(Base):
    """What lets a program act with one operator's power. Only its digest is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[RowKey]
    operator_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("operators.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[Line]  # what it is for
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment]
    last_used_on: Mapped[date | None] = mapped_column(Date)
    revoked_at: Mapped[Moment | None]

    operator: Mapped[Operator] = relationship(lazy="raise")
