"""Schedules, and the one table of steps that fall due."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Line, Moment, RowId, RowKey, RowNumber, words
from contacts.models import Newsletter, Segment
from mailer.models.campaigns import Campaign


class ScheduleRule(StrEnum):
    """How a month's day is found."""

    WEEKDAY = "weekday"  # the nth (1-4, or -1 for the last) Monday … Sunday
    DAY = "day"  # the day of the month (1-31; a month too short uses its last)


class Schedule(Base):
    """A newsletter that comes round every month, at a wall time in a zone."""

    __tablename__ = "schedules"

    id: Mapped[RowKey]
    newsletter_id: Mapped[int] = mapped_column(RowId, ForeignKey("newsletters.id"))
    segment_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("segments.id"))
    rule: Mapped[ScheduleRule] = mapped_column(words(ScheduleRule))
    nth: Mapped[int] = mapped_column(SmallInteger)
    weekday: Mapped[int | None] = mapped_column(SmallInteger)  # 0 is Monday
    time: Mapped[str] = mapped_column(String(5))  # "10:00"
    zone: Mapped[str] = mapped_column(String(64))
    draft_days_before: Mapped[int] = mapped_column(SmallInteger)
    subject: Mapped[Line]  # may hold {month} and {year}
    template_id: Mapped[int] = mapped_column(
        RowId,
        # Issues refer to the schedule that made them: tables are made and emptied in that order.
        ForeignKey("campaigns.id", name="fk_schedules_template_id", use_alter=True),
    )
    active: Mapped[bool]
    created_at: Mapped[Moment]

    newsletter: Mapped[Newsletter] = relationship(lazy="raise")
    segment: Mapped[Segment | None] = relationship(lazy="raise")
    template: Mapped[Campaign] = relationship(lazy="raise", foreign_keys=[template_id])


class StepKind(StrEnum):
    """What falls due."""

    DRAFT = "draft"  # a schedule makes its next issue
    LAUNCH = "launch"  # a campaign goes out, or is held
    SETTLE = "settle"  # a report is final
    ADDRESSES = "addresses"  # those that an issue links to are asked


class Step(Base):
    """Something to do once at a moment. ``occurrence`` keeps a repeated rule's steps apart."""

    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "occurrence"),
        Index("ix_steps_done_at_due_at", "done_at", "due_at"),
    )

    id: Mapped[RowKey]
    kind: Mapped[StepKind] = mapped_column(words(StepKind))
    subject_id: Mapped[RowNumber]  # a schedule's id for DRAFT, a campaign's for the others
    occurrence: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[Moment]
    done_at: Mapped[Moment | None]
    outcome: Mapped[Line | None]
