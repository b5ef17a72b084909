"""Days on which the network doesn't work, and bank holidays on which it does."""

from datetime import date

from sqlalchemy.orm import Mapped

from contacts.database import Base, Line, Moment, RowKey


class DaysOff(Base):
    """Days of the network's own, both ends included. ``words`` are what people call them."""

    __tablename__ = "days_off"

    id: Mapped[RowKey]
    first_day: Mapped[date]
    last_day: Mapped[date]
    words: Mapped[Line]
    yearly: Mapped[bool]  # the same days of every year; they may go into the next one
    works: Mapped[bool]  # no days off, but a bank holiday that isn't kept
    created_at: Mapped[Moment]
