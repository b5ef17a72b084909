"""Schedules, and the one table of steps that fall due."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Line, Moment, RowId, RowKey, RowNumber, words
from contacts.models import Newsletter, Segment
from mailer.models.issues.campaigns import Campaign
from mailer.models.operators import Operator

schedule_approvers = Table(
    "schedule_approvers",
    Base.metadata,
    Column("schedule_id", RowId, ForeignKey("schedules.id", ondelete="CASCADE"), primary_key=True),
    Column("operator_id", RowId, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
)


class Shift(StrEnum):
    """What becomes of a day that is a weekend's, a holiday or quiet."""

    NEXT = "next"  # the next working day
    PREVIOUS = "previous"  # the working day before
    ASK = "ask"  # the draft is made, and its owner chooses


class ApprovalsNeeded(StrEnum):
    """How many of a schedule's approvers have to approve."""

    ONE = "one"
    ALL = "all"


class AskedByItself(StrEnum):
    """Whom a schedule asks for stories of each issue, without anybody's doing."""

    NOBODY = "nobody"
    AGAIN = "again"  # whoever was asked last
    QUIET = "quiet"  # members of whom no issue said anything for some months


class Unapproved(StrEnum):
    """What becomes of an issue that nobody has approved by its time. It never goes out."""

    HOLD = "hold"
    SKIP = "skip"


class PullIn(StrEnum):
    """What a draft is made with, beside its frame."""

    EVENTS = "events"  # from the day after sending until the next issue
    READY = "ready"  # what is marked Ready in the library
    MEMBERS = "members"  # new ones since the last issue
    POSTS = "posts"  # of the blog, since the last issue
    FIGURES = "figures"


class Schedule(Base):
    """A newsletter that comes round, at a wall time in a zone.

    ``rrule`` is a rule of RFC 5545 as ``mailer.campaigns.recurrence`` writes it; where it comes
    every few months or weeks, they are counted from ``starts_on``. Days before count from the
    day on which it goes out: those to submit and to approve are working days.
    """

    __tablename__ = "schedules"

    id: Mapped[RowKey]
    newsletter_id: Mapped[int] = mapped_column(RowId, ForeignKey("newsletters.id"))
    segment_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("segments.id"))
    rrule: Mapped[str] = mapped_column(String(120))  # "FREQ=MONTHLY;BYDAY=2TU"
    starts_on: Mapped[date]
    time: Mapped[str] = mapped_column(String(5))  # "10:00"
    zone: Mapped[str] = mapped_column(String(64))
    shift: Mapped[Shift] = mapped_column(words(Shift), default=Shift.NEXT)
    owner_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("operators.id", ondelete="SET NULL")
    )
    backup_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("operators.id", ondelete="SET NULL")
    )
    approvals_needed: Mapped[ApprovalsNeeded] = mapped_column(
        words(ApprovalsNeeded), default=ApprovalsNeeded.ONE
    )
    draft_days_before: Mapped[int] = mapped_column(SmallInteger)
    ask_days_before: Mapped[int] = mapped_column(SmallInteger, default=18)
    stories_days_before: Mapped[int] = mapped_column(SmallInteger, default=9)
    submit_days_before: Mapped[int] = mapped_column(SmallInteger, default=4)
    approve_days_before: Mapped[int] = mapped_column(SmallInteger, default=1)
    approve_time: Mapped[str] = mapped_column(String(5), default="12:00")
    late_hours: Mapped[int] = mapped_column(SmallInteger, default=4)  # working hours
    unapproved: Mapped[Unapproved] = mapped_column(words(Unapproved), default=Unapproved.HOLD)
    asks: Mapped[AskedByItself] = mapped_column(
        words(AskedByItself), default=AskedByItself.NOBODY, server_default="nobody"
    )
    asks_quiet_months: Mapped[int] = mapped_column(SmallInteger, default=6, server_default="6")
    pulls_in: Mapped[list[str]] = mapped_column(JSON, default=lambda: [*PullIn])
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
    owner: Mapped[Operator | None] = relationship(lazy="raise", foreign_keys=owner_id)
    backup: Mapped[Operator | None] = relationship(lazy="raise", foreign_keys=backup_id)
    approvers: Mapped[list[Operator]] = relationship(
        secondary=schedule_approvers, lazy="selectin", order_by=Operator.id
    )


class StepKind(StrEnum):
    """What falls due."""

    DRAFT = "draft"  # a schedule makes its next issue
    LAUNCH = "launch"  # a campaign goes out, or is held
    SETTLE = "settle"  # a report is final
    ADDRESSES = "addresses"  # those that an issue links to are asked
    ASK = "ask"  # people are asked for stories
    REMIND = "remind"  # of the stories that they were asked for
    STORIES = "stories"  # the day by which stories were asked for
    NUDGE = "nudge"  # nobody writes in it, or something is left to write
    SUBMIT_BY = "submit by"  # the day to ask for approval
    APPROVE_BY = "approve by"  # approvers are reminded
    RECHECK = "recheck"  # its addresses are asked once more
    CHECK = "check"  # whether something has changed since it was approved
    SOON = "soon"  # it goes out in a few minutes
    REMIND_HELD = "remind held"  # it is held, and nobody has decided
    SUMMARY = "summary"  # its numbers are told


class Step(Base):
    """Something to do once at a moment. ``occurrence`` keeps apart steps of one kind: for which
    time they are, and the how many-th it is."""

    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "occurrence"),
        Index("ix_steps_done_at_due_at", "done_at", "due_at"),
    )

    id: Mapped[RowKey]
    kind: Mapped[StepKind] = mapped_column(words(StepKind))
    subject_id: Mapped[RowNumber]  # a schedule's id for DRAFT, a campaign's for the others
    occurrence: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[Moment]
    done_at: Mapped[Moment | None]
    outcome: Mapped[Line | None]
