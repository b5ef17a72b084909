"""People, commands and the clock do whatever they can think of: nothing is sent unapproved."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import COMMAND, Actor, ActorKind, Subject
from contacts.database import Database
from contacts.models import AuditEntry, Newsletter, Segment, Subscription, SubscriptionStatus
from mailer.accounts import operators
from mailer.campaigns import approval, binning, editing, schedules, sending, timing
from mailer.campaigns.approved import count_of
from mailer.campaigns.drafts import comments
from mailer.campaigns.editing import find
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.campaigns.verbs import Verb
from mailer.errors import MailerError
from mailer.models import (
    EDITABLE,
    Approval,
    ApprovalsNeeded,
    Campaign,
    CampaignStatus,
    Operator,
    Power,
)
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, many

S = CampaignStatus
RULES = {"match": "all", "rules": []}
OTHER_RULES = {"match": "all", "rules": [{"match": "all", "rules": []}]}
_ENDS = {S.SETTLED, S.STOPPED}
Act = Callable[["World", Session, int, Actor, datetime], object]


class World:
    """Three issues, people of every role, and a chance that decides."""

    def __init__(self, database: Database, seed: int, *, all_of: Sequence[str] = ()) -> None:
        self.database, self.chance, self.now = database, Random(seed), NOW
        self.refusals: list[str] = []
        with database.writing() as session:
            newsletter = a_newsletter(session)
            self.newsletter = newsletter.id
            self.people = [each.id for each in many(session, newsletter, 30)]
            segment = Segment(slug="s", name="S", rules=RULES, created_at=NOW, updated_at=NOW)
            session.add(segment)
            session.flush()
            self.segment = segment.id
            self.issues = [a_campaign(session, newsletter.id).id for _ in range(3)]
            self.actors = [COMMAND]
            for name, power in (
                ("eve", Power.EDITOR),
                ("sam", Power.CONTRIBUTOR),
                ("marc", Power.APPROVER),
                ("priya", Power.APPROVER),
                ("asha", Power.ADMIN),
            ):
                made = operators.create(
                    session,
                    email=f"{name}@network.example",
                    name=name,
                    power=power,
                    actor=TESTER,
                    now=NOW,
                )
                self.actors.append(Actor.operator(made.id))
            self.all_of = {
                each.id: each.name
                for each in session.scalars(select(Operator).where(Operator.name.in_(all_of)))
            }
            if all_of:
                self.let_all_approve(session, newsletter)

    def let_all_approve(self, session: Session, newsletter: Newsletter) -> None:
        comes = Recurrence(NthWeekday(2, 1), "10:00", "Europe/London", NOW.date())
        plan = Plan(
            comes,
            None,
            21,
            "News",
            approver_ids=tuple(self.all_of),
            approvals_needed=ApprovalsNeeded.ALL,
        )
        schedule = schedules.make(session, newsletter, plan, now=NOW)
        for each in self.issues:
            issue = session.get_one(Campaign, each)
            issue.schedule_id, issue.occurrence = schedule.id, f"2020-01-0{each % 10}T10:00"

    def step(self) -> None:
        issue, actor = self.chance.choice(self.issues), self.chance.choice(self.actors)
        act = self.chance.choice(ACTS)
        self.now += timedelta(minutes=self.chance.choice((1, 30, 300, 2_000)))
        with self.database.reading() as session:
            before = session.get_one(Campaign, issue).status
        try:
            with self.database.writing() as session:
                act(self, session, issue, actor, self.now)
        except MailerError as error:
            self.refusals.append(str(error))
        with self.database.reading() as session:
            campaign = find(session, issue)
            if campaign.started_at is not None and before in EDITABLE:
                self.must_be_approved(session, campaign)
            assert any(verb.allows(campaign.status) for verb in Verb) or campaign.status in _ENDS

    def must_be_approved(self, session: Session, campaign: Campaign) -> None:
        """Somebody who may said so, of exactly this, before it began."""
        held = campaign.approval
        assert held
        assert held.version == campaign.sent_version
        assert (held.audience, held.sender) == (campaign.audience_digest, campaign.sender_line)
        assert campaign.started_at
        assert held.at <= campaign.started_at <= held.good_until
        will = count_of(session, campaign, now=self.now).will
        assert abs(will - held.will) <= held.will / 10
        assert held.by.kind in {ActorKind.OPERATOR, ActorKind.COMMAND}
        if held.by.kind is ActorKind.OPERATOR:
            power = operators.power_of(session, held.by.id)
            assert power in {Power.APPROVER, Power.ADMIN}
            assert not held.by_author
        for who in self.all_of:
            self.must_have_been_approved_by(session, campaign, who)

    def must_have_been_approved_by(self, session: Session, campaign: Campaign, who: int) -> None:
        """Or whoever wrote it, who can't, or somebody to whom they passed it on."""
        if campaign.edited_by == Actor.operator(who):
            return
        assert campaign.started_at
        stand_ins, known = {who}, 0
        while known != len(stand_ins):
            known = len(stand_ins)
            for entry in session.scalars(
                select(AuditEntry).where(
                    AuditEntry.act == "issue passed on",
                    AuditEntry.subject == Subject("campaign", campaign.id),
                )
            ):
                if entry.actor.id in stand_ins:
                    stand_ins.add(entry.detail["to"])
        rows = session.scalars(select(Approval).where(Approval.campaign_id == campaign.id))
        assert any(
            each.by.id in stand_ins
            and each.version == campaign.sent_version
            and (each.audience, each.sender) == (campaign.audience_digest, campaign.sender_line)
            and each.at <= campaign.started_at <= each.good_until
            for each in rows
        )


def _edit(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    return editing.edit(session, issue, subject=f"News {now}", actor=actor, now=now)


def _narrow(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    return editing.edit(session, issue, segment_id=world.segment, actor=actor, now=now)


def _approve(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    version = session.get_one(Campaign, issue).version
    return approval.approve(session, issue, version=version, actor=actor, gate=Gate.OPEN, now=now)


def _plan(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    wall = (now + timedelta(hours=world.chance.choice((1, 30, 400)))).strftime("%Y-%m-%dT%H:%M")
    return timing.plan(
        session, issue, wall=wall, zone="Europe/London", actor=actor, gate=Gate.OPEN, now=now
    )


def _clock(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    due_at = session.get_one(Campaign, issue).goes_out_at or now
    if due_at > now:
        return None
    return schedules.launch_or_hold(session, issue, due_at=due_at, gate=Gate.OPEN, now=now)


def _launch(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    approves = world.chance.random() < 0.5
    return sending.launch(session, issue, actor=actor, gate=Gate.OPEN, now=now, approves=approves)


def _rules(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    segment = session.get_one(Segment, world.segment)
    segment.rules = OTHER_RULES if segment.rules == RULES else RULES
    return segment


def _sender(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    newsletter = session.get_one(Newsletter, world.newsletter)
    newsletter.from_name = world.chance.choice(("Network", "Council"))
    return newsletter


def _leave(world: World, session: Session, issue: int, actor: Actor, now: datetime) -> object:
    for person in world.chance.sample(world.people, 3):
        held = session.get_one(Subscription, (person, world.newsletter))
        held.status = world.chance.choice(
            (SubscriptionStatus.SUBSCRIBED, SubscriptionStatus.UNSUBSCRIBED)
        )
        held.changed_at = now
    return None


ACTS: list[Act] = [
    _edit,
    _narrow,
    _approve,
    _approve,
    _approve,
    _plan,
    _plan,
    _clock,
    _clock,
    _clock,
    _launch,
    _rules,
    _sender,
    _leave,
    lambda w, s, i, a, now: approval.submit(s, i, actor=a, gate=Gate.OPEN, now=now),
    lambda w, s, i, a, now: approval.ask_for_changes(s, i, "Shorter.", actor=a, now=now),
    lambda w, s, i, a, now: approval.pass_on(
        s, i, w.chance.choice(w.actors[1:]).id or 0, actor=a, now=now
    ),
    lambda w, s, i, a, now: comments.add(s, i, "Good.", actor=a, now=now),
    lambda w, s, i, a, now: timing.hold(s, i, why="Wait.", actor=a, now=now),
    lambda w, s, i, a, now: timing.unplan(s, i, actor=a, now=now),
    lambda w, s, i, a, now: timing.skip(s, i, actor=a, now=now),
    lambda w, s, i, a, now: timing.put_back(s, i, actor=a, now=now),
    lambda w, s, i, a, now: binning.put_in_bin(s, i, actor=a, now=now),
    lambda w, s, i, a, now: sending.pause(s, i, actor=a, now=now),
    lambda w, s, i, a, now: sending.resume(s, i, actor=a, now=now),
    lambda w, s, i, a, now: sending.stop(s, i, actor=a, now=now),
]


@pytest.mark.parametrize("seed", range(6))
def test_where_all_have_to_approve_nothing_is_sent_that_one_has_not(
    database: Database, seed: int
) -> None:
    world = World(database, seed, all_of=("marc", "priya"))

    for _ in range(160):
        world.step()

    assert not [each for each in world.refusals if not each.endswith(".") or "_" in each]
    assert any("It waits for" in each or "it waits for" in each for each in world.refusals)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_people_do_nothing_is_sent_that_nobody_approved(
    database: Database, seed: int
) -> None:
    world = World(database, seed)

    for _ in range(120):
        world.step()

    assert not [each for each in world.refusals if not each.endswith(".") or "_" in each]


def test_the_walk_does_send_something(database: Database) -> None:
    """Or it would show nothing."""
    world = World(database, 1)
    for _ in range(240):
        world.step()

    with database.reading() as session:
        begun = select(Campaign.id).where(Campaign.started_at.is_not(None))
        sent = len(session.scalars(begun).all())
        approvals = len(session.scalars(select(Approval.id)).all())
    assert sent
    assert approvals >= sent


@pytest.mark.parametrize("status", list(S))
def test_from_every_state_some_verb_leads_on(status: CampaignStatus) -> None:
    moves = [
        Verb.SUBMIT,
        Verb.APPROVE,
        Verb.PLAN,
        Verb.LAUNCH,
        Verb.PUT_BACK,
        Verb.RESUME,
        Verb.FINISH,
        Verb.SETTLE,
    ]

    assert status in {S.SETTLED, S.TEMPLATE} or any(verb.allows(status) for verb in moves)
