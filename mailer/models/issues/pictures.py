"""Pictures that were taken in, and what is known of them."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowKey


class LibraryPicture(Base):
    """One picture. Its content lies in the store of pictures under ``name``."""

    __tablename__ = "pictures"

    id: Mapped[RowKey]
    name: Mapped[str] = mapped_column(String(48), unique=True)  # hash and extension
    called: Mapped[Line]  # what its file was called
    words: Mapped[Prose]  # what it shows; empty for decoration and while nobody has said
    is_decoration: Mapped[bool]
    width: Mapped[int]
    height: Mapped[int]
    octets: Mapped[int]
    added_by: Mapped[Line]  # an actor's line
    added_at: Mapped[Moment]
