"""How newsletters look."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Json, Line, Moment, RowId


class NewsletterBrand(Base):
    """What every issue of a newsletter shares; a newsletter without a row looks like the product.

    Pictures are addresses, of the library or https. ``social`` is a list of objects with ``words``
    and ``url``.
    """

    __tablename__ = "newsletter_brands"

    newsletter_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("newsletters.id"), primary_key=True, autoincrement=False
    )
    accent: Mapped[str] = mapped_column(String(7))
    face: Mapped[str] = mapped_column(String(24))
    logo_on_dark: Mapped[Line]
    logo_on_light: Mapped[Line]
    header_picture: Mapped[Line]
    contact: Mapped[Line]
    website: Mapped[Line]
    archive_url: Mapped[Line]
    privacy_url: Mapped[Line]
    social: Mapped[Json]
    changed_at: Mapped[Moment]
