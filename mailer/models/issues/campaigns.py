"""Campaigns: one mailing each, its frozen versions and its table of links."""

import hashlib
import json
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from contacts.actors import Actor, ActorLine
from contacts.database import Base, Json, Line, Moment, Prose, RowId, RowKey, Slug, words
from contacts.models import Newsletter, Segment
from mailer.clock import UK, instant_of
from mailer.models.issues.approvals import Approval, Lapse


class CampaignStatus(StrEnum):
    """Where a campaign stands; ``mailer.campaigns.verbs`` says what may be done in which state."""

    DRAFT = "draft"
    WAITING = "waiting"  # for approval
    SCHEDULED = "scheduled"
    HELD = "held"  # its time came and nobody had approved this version
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    SENT = "sent"
    SETTLED = "settled"
    SKIPPED = "skipped"
    BINNED = "binned"  # and removed for good some time after
    TEMPLATE = "template"  # what issues begin with: it never goes out


class CampaignKind(StrEnum):
    """What a campaign is to people: one of a row, or a mail by itself."""

    ISSUE = "issue"
    ONE_OFF = "one_off"  # of no month, and of no schedule
    TEMPLATE = "template"  # a skeleton that issues begin with


class InDoubt(StrEnum):
    """What happens to copies that may or may not have arrived, once all others have gone."""

    LEAVE = "leave"  # for a person to decide
    SEND_AGAIN = "send_again"  # some may then have two


S = CampaignStatus
EDITABLE = frozenset({S.DRAFT, S.WAITING, S.SCHEDULED, S.HELD})  # issues to come
WRITABLE = EDITABLE | {S.TEMPLATE}


class Campaign(Base):
    """One mailing. ``version`` is the one that is being written: it moves on with the first edit
    after it was kept word for word (submitted, approved, tested, sent). ``revision`` grows with
    every edit. An approval is for one version only.

    The planned time is kept as wall time and zone (``send_wall`` "2026-12-08T10:00",
    ``send_zone`` "Europe/London"); the moment in UTC is worked out where it is needed.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("newsletter_id", "slug"),
        UniqueConstraint("schedule_id", "occurrence"),
        Index("ix_campaigns_status", "status"),
        Index("ix_campaigns_to_tell", "to_tell"),
        Index("ix_campaigns_replan", "replan"),
    )

    id: Mapped[RowKey]
    newsletter_id: Mapped[int] = mapped_column(RowId, ForeignKey("newsletters.id"))
    segment_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("segments.id"))
    kind: Mapped[CampaignKind] = mapped_column(
        words(CampaignKind), default=CampaignKind.ISSUE, server_default=CampaignKind.ISSUE.value
    )
    name: Mapped[Line]
    month: Mapped[str | None] = mapped_column(String(7))  # "2026-12", of an issue
    slug: Mapped[Slug]
    status: Mapped[CampaignStatus] = mapped_column(words(CampaignStatus))
    subject: Mapped[Line]
    preview_text: Mapped[Line]
    document: Mapped[Json]
    version: Mapped[int]
    version_began_at: Mapped[Moment | None]  # the first edit after the version before was kept
    kept_version: Mapped[int | None]  # the newest one that is kept word for word
    tested_version: Mapped[int | None]  # the one that a test was sent of last
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    approved_version: Mapped[int | None]
    approved_at: Mapped[Moment | None]
    approved_by: Mapped[Line | None]  # the operator's name as it was then
    # Where all of several have to approve: who has approved this version, and who has not.
    part_version: Mapped[int | None]
    part_said: Mapped[Line | None]
    # No foreign key, since approvals have one to here.
    approval_id: Mapped[int | None] = mapped_column(RowId)
    edited_by: Mapped[ActorLine | None]  # the last change of what is sent
    send_wall: Mapped[str | None] = mapped_column(String(16))
    send_zone: Mapped[str | None] = mapped_column(String(64))
    schedule_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("schedules.id"))
    occurrence: Mapped[str | None] = mapped_column(String(16))
    # The issue that it corrects: whoever did not get that does not get this.
    corrects_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("campaigns.id"))
    sent_version: Mapped[int | None]
    started_at: Mapped[Moment | None]
    # slug of a category -> how many members there were as it was launched
    figures: Mapped[Json] = mapped_column(default=dict, server_default="{}")
    frozen_through: Mapped[int | None] = mapped_column(RowId)  # the last contact looked at
    frozen_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    trouble: Mapped[Prose | None]  # why it is held, paused or slow, in a sentence
    to_tell: Mapped[str | None] = mapped_column(String(200))  # who did what its people must hear of
    # Who owns it instead of its schedule's owner, or of who made it.
    owner_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("operators.id", ondelete="SET NULL")
    )
    # Something was done to it since its timeline was planned.
    replan: Mapped[bool] = mapped_column(default=True, server_default=true())
    in_doubt: Mapped[InDoubt] = mapped_column(words(InDoubt), server_default=InDoubt.LEAVE.value)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    binned_at: Mapped[Moment | None]

    newsletter: Mapped[Newsletter] = relationship(lazy="raise")
    segment: Mapped[Segment | None] = relationship(lazy="raise")
    leaves_out: Mapped[list["LeftOut"]] = relationship(
        lazy="raise", viewonly=True, foreign_keys="LeftOut.campaign_id", order_by="LeftOut.id"
    )
    # Of the version that was approved last; one from before approvals were kept has none.
    approval: Mapped[Approval | None] = relationship(
        lazy="selectin",
        primaryjoin=lambda: foreign(Campaign.approval_id) == Approval.id,
    )

    @property
    def editable(self) -> bool:
        return self.status in EDITABLE

    @property
    def writable(self) -> bool:
        """Whether people may write in it: an issue to come, or a template."""
        return self.status in WRITABLE

    @property
    def is_template(self) -> bool:
        return self.kind is CampaignKind.TEMPLATE

    @property
    def goes_out_at(self) -> datetime | None:
        """The moment that was planned, if one was."""
        return instant_of(self.send_wall, self.send_zone or UK) if self.send_wall else None

    @property
    def approved(self) -> bool:
        """Whether a person has approved exactly what would go out now, to whom, from whom and when.

        How many people that is, is asked where it is counted (``mailer.campaigns.approved``).
        """
        return self.lapse is None

    @property
    def lapse(self) -> Lapse | None:
        """What is not as it was approved; None where all of it is."""
        if self.approved_version != self.version:
            return Lapse.VERSION if self.approved_version is not None else Lapse.NONE
        held, at = self.approval, self.goes_out_at
        if held is None:
            return None
        changed = {
            Lapse.SUBJECT: held.subject != self.subject,
            Lapse.AUDIENCE: held.audience != self.audience_digest,
            Lapse.SENDER: held.sender != self.sender_line,
            Lapse.TIME: at is not None and at > held.good_until,
        }
        return next((lapse for lapse, true in changed.items() if true), None)

    @property
    def in_part(self) -> str:
        """Who of those that all have to approve has approved this version, and who has not, in a
        sentence; "" where nobody has, or all have."""
        return self.part_said or "" if self.part_version == self.version else ""

    @property
    def audience_digest(self) -> str:
        """Whom it is for, by the rules as they are now: its segment, and whom it leaves out."""
        out = [
            each.segment.rules if each.segment is not None else each.issue_id
            for each in self.leaves_out
        ]
        rules = [
            self.segment.rules if self.segment is not None else None,
            sorted(json.dumps(each, sort_keys=True) for each in out),
        ]
        return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()

    @property
    def sender_line(self) -> str:
        """From whom it comes, and to whom answers go."""
        sender = self.newsletter
        return f"{sender.from_name} <{sender.from_address}> {sender.reply_to or ''}"

    def edited(self, *, by: Actor, at: datetime) -> None:
        """Note a change to what would be sent: whatever was approved was something else."""
        self.edited_by = by
        if self.version == self.kept_version:
            self.version += 1
            self.version_began_at = at
        self.revision += 1
        self.updated_at = at


class OldAddress(Base):
    """A part of addresses that an issue had: who kept it is led on, until another issue has it."""

    __tablename__ = "old_addresses"

    newsletter_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("newsletters.id"), primary_key=True
    )
    slug: Mapped[Slug] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))


class LeftOut(Base):
    """Whom an issue leaves out: people of a segment, or whoever got another issue."""

    __tablename__ = "left_out"
    __table_args__ = (
        UniqueConstraint("campaign_id", "segment_id"),
        UniqueConstraint("campaign_id", "issue_id"),
    )

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    segment_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("segments.id"))
    issue_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("campaigns.id"))

    segment: Mapped[Segment | None] = relationship(lazy="raise", viewonly=True)


class VersionReason(StrEnum):
    """Why a version was kept."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    TESTED = "tested"
    SCHEDULED = "scheduled"
    SENT = "sent"
    WORKED_ON = "worked on"  # for twenty minutes
    TAKEN_OVER = "taken over"  # a block that somebody else was writing
    RESTORED = "restored"  # an earlier one was put in its place


class Version(Base):
    """What an issue said, word for word. ``reasons`` are what it was kept for, in order: each with
    ``why`` (a VersionReason), ``by`` (the actor's line) and ``at`` (ISO 8601)."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    number: Mapped[int] = mapped_column(Integer)
    subject: Mapped[Line]
    preview_text: Mapped[Line]
    document: Mapped[Json]
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list, server_default="[]")
    created_at: Mapped[Moment]


class Link(Base):
    """A link of a campaign, numbered in reading order. Clicks can lead nowhere else."""

    __tablename__ = "links"

    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    url: Mapped[Prose]
    words: Mapped[Prose]
