"""What this installation is called, and what only one process may do at a time."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowKey


class Installation(Base):
    """The one row about the network this installation serves."""

    __tablename__ = "installation"

    id: Mapped[RowKey]
    network_name: Mapped[Line]
    postal_address: Mapped[Prose]
    created_at: Mapped[Moment]


class Lease(Base):
    """A duty one process holds for a while, such as the sweep."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[Moment]
