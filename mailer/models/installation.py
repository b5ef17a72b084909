"""What this installation is called, and what only one process may do at a time."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowKey


class Installation(Base):
    """The one row about the network this installation serves.

    ``languages`` are tags (RFC 5646) with a space between them, the network's own first.
    """

    __tablename__ = "installation"

    id: Mapped[RowKey]
    network_name: Mapped[Line]
    postal_address: Mapped[Prose]
    # What nobody has said is as it was before it could be said, also for an older version's rows.
    time_zone: Mapped[str] = mapped_column(
        String(64), default="Europe/London", server_default="Europe/London"
    )
    languages: Mapped[Line] = mapped_column(default="en-GB", server_default="en-GB")
    privacy_notice_url: Mapped[Line] = mapped_column(default="", server_default="")
    nation: Mapped[str] = mapped_column(
        String(24), default="england-and-wales", server_default="england-and-wales"
    )  # whose bank holidays it keeps: of mailer.network.bank_holidays
    # Those of mailer.network.public_pages that are switched on, with a space between them.
    public_pages: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[Moment]


class Lease(Base):
    """A duty one process holds for a while, such as the sweep."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[Moment]
