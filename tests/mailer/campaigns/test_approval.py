"""An approval is for one version, audience, subject, sender and time, and by somebody else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import COMMAND, SCHEDULE, Actor
from contacts.database import Database
from contacts.models import AuditEntry, Newsletter, Segment, Subscription, SubscriptionStatus
from mailer.accounts import operators
from mailer.audience.counting import AudienceCount
from mailer.audience.leaving_out import WhomToLeaveOut
from mailer.campaigns import approval, editing, schedules, sending, timing
from mailer.campaigns.approved import count_of, lapse_of, moved, who_changed
from mailer.campaigns.editing import find
from mailer.errors import FormError, NotAllowed, NotFound, NotTheirs
from mailer.models import Approval, Campaign, CampaignStatus, Comment, Lapse, Power
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, many

S = CampaignStatus
LONDON = "Europe/London"


class Desk:
    """An issue with an audience of forty, and people who may do this or that."""

    def __init__(self, session: Session, *, people: int = 40) -> None:
        self.session = session
        newsletter = a_newsletter(session)
        self.people = many(session, newsletter, people)
        self.newsletter: Newsletter = newsletter
        self.issue: Campaign = a_campaign(session, newsletter.id)
        self.id = self.issue.id

    def operator(self, name: str, power: Power) -> Actor:
        made = operators.create(
            self.session,
            email=f"{name.split(maxsplit=1)[0].lower()}@network.example",
            name=name,
            power=power,
            actor=TESTER,
            now=NOW,
        )
        return Actor.operator(made.id)

    def approve(self, by: Actor = TESTER, *, now: datetime = NOW) -> Campaign:
        version = find(self.session, self.id).version
        return approval.approve(
            self.session, self.id, version=version, actor=by, gate=Gate.OPEN, now=now
        )

    def plan(self, wall: str, *, now: datetime = NOW) -> Campaign:
        return timing.plan(
            self.session, self.id, wall=wall, zone=LONDON, actor=TESTER, gate=Gate.OPEN, now=now
        )

    def now(self) -> Campaign:
        self.session.flush()
        return find(self.session, self.id, lock=True)

    def unsubscribe(self, number: int) -> None:
        for person in self.people[:number]:
            held = self.session.get_one(Subscription, (person.id, self.newsletter.id))
            held.status, held.changed_at = SubscriptionStatus.UNSUBSCRIBED, NOW
        self.session.flush()


def _sender(desk: Desk) -> None:
    desk.newsletter.from_name = "Somebody Else"


def _segment(desk: Desk) -> None:
    editing.edit(desk.session, desk.id, segment_id=_a_segment(desk), actor=TESTER, now=NOW)


def _a_segment(desk: Desk) -> int:
    made = Segment(
        slug="some",
        name="Some",
        rules={"match": "all", "rules": []},
        created_at=NOW,
        updated_at=NOW,
    )
    desk.session.add(made)
    desk.session.flush()
    return made.id


def _words(desk: Desk) -> None:
    editing.edit(desk.session, desk.id, subject="Another", actor=TESTER, now=NOW)


def _later(desk: Desk) -> None:
    desk.plan("2026-12-29T10:00")


@pytest.mark.parametrize(
    ("change", "lapse", "said"),
    [
        (_words, Lapse.VERSION, "Approval was for version 1. Version 2 needs approving."),
        (_segment, Lapse.VERSION, "Approval was for version 1. Version 2 needs approving."),
        (_sender, Lapse.SENDER, "The sender was changed after the approval. Version 1 needs"),
        (_later, Lapse.TIME, "It was approved to go out until Tue 22 Dec 2026, 10:00"),
    ],
)
def test_whatever_changes_of_it_takes_the_approval_away(
    database: Database, change: Callable[[Desk], None], lapse: Lapse, said: str
) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.plan("2026-12-15T10:00")
        assert desk.approve().status is S.SCHEDULED
        assert desk.now().approved

        change(desk)

        issue = desk.now()
        assert (issue.approved, issue.lapse) == (False, lapse)
        assert (lapse_of(issue) or "").startswith(said)
        due = datetime.fromisoformat("2026-12-15T10:00+00:00")
        assert schedules.launch_or_hold(
            session, desk.id, due_at=due, gate=Gate.OPEN, now=due
        ).startswith("held: It wasn't approved by 10:00 GMT. ")
        assert desk.now().started_at is None


@pytest.mark.parametrize("leaves_out", [False, True])
def test_another_rule_in_the_same_segment_is_another_audience(
    database: Database, leaves_out: bool
) -> None:
    with database.writing() as session:
        desk = Desk(session)
        segment = _a_segment(desk)
        left_out = WhomToLeaveOut(segments=(segment,)) if leaves_out else None
        editing.edit(
            session,
            desk.id,
            segment_id=None if leaves_out else segment,
            left_out=left_out,
            actor=TESTER,
            now=NOW,
        )
        session.get_one(Segment, segment).rules = {"all": [{"field": "tag", "is": ["x"]}]}
        session.flush()
        issue = desk.now()
        approval.mark_approved(session, issue, count_of_nobody(), actor=TESTER, now=NOW)
        assert desk.now().approved

        session.get_one(Segment, segment).rules = {"all": [{"field": "tag", "is": ["y"]}]}

        assert desk.now().lapse is Lapse.AUDIENCE
        assert "The audience was changed after the approval." in (lapse_of(desk.now()) or "")


def count_of_nobody() -> AudienceCount:
    return AudienceCount(0, {}, {})


def test_an_earlier_time_and_one_within_a_week_keep_the_approval(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.plan("2026-12-15T10:00")
        desk.approve()

        for wall in ("2026-12-10T10:00", "2026-12-22T10:00"):
            assert desk.plan(wall).approved


@pytest.mark.parametrize(
    ("gone", "told", "again"),
    [(0, False, False), (2, True, False), (4, True, False), (5, True, True)],
)
def test_an_audience_that_moved_is_told_and_by_a_tenth_needs_approving_again(
    database: Database, gone: int, told: bool, again: bool
) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.plan("2026-12-15T10:00")
        desk.approve()

        desk.unsubscribe(gone)

        issue = desk.now()
        counted = count_of(session, issue, now=NOW)
        how_far = moved(issue.approval, counted)
        assert bool(how_far and how_far.is_told) is told
        assert bool(how_far and how_far.needs_approving) is again
        if how_far:
            assert how_far.sentence == (
                f"{gone} people unsubscribed since this was approved. It will go to {40 - gone}."
            )
            people = who_changed(session, issue, since=NOW - timedelta(seconds=1), now=NOW)
            assert {each.reason for each in people} >= {"unsubscribed"}
        due = datetime.fromisoformat("2026-12-15T10:00+00:00")
        outcome = schedules.launch_or_hold(session, desk.id, due_at=due, gate=Gate.OPEN, now=due)
        assert outcome.startswith("held: 5 people unsubscribed" if again else "sent on time")


def test_more_than_25_people_are_told_whatever_the_share() -> None:
    was = Approval(will=10_000, excluded={})

    found = moved(was, AudienceCount(9_974, {}, {}))

    assert found
    assert found.is_told
    assert not found.needs_approving


def test_editors_do_not_approve_and_hear_who_does(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        editor = desk.operator("Eve Hart", Power.EDITOR)
        desk.operator("Marc Bell", Power.APPROVER)
        desk.operator("Priya Shah", Power.ADMIN)

        with pytest.raises(NotTheirs, match="Marc Bell and Priya Shah can"):
            desk.approve(editor)
        with pytest.raises(NotAllowed, match="Marc Bell and Priya Shah can"):
            sending.launch(session, desk.id, actor=editor, gate=Gate.OPEN, now=NOW)
        desk.approve(Actor.operator(2))
        sending.launch(session, desk.id, actor=editor, gate=Gate.OPEN, now=NOW)

        assert desk.now().approved_by == "Marc Bell"


def test_whoever_changed_it_last_does_not_approve_it(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        asha, marc = desk.operator("Asha Singh", Power.ADMIN), desk.operator("Marc", Power.APPROVER)
        editing.edit(session, desk.id, subject="By Asha", actor=asha, now=NOW)

        with pytest.raises(NotTheirs, match=r"You changed version 1 last, .* Marc can"):
            desk.approve(asha)
        with pytest.raises(NotAllowed, match=r"Nobody has approved version 1\. You changed"):
            sending.launch(session, desk.id, actor=asha, gate=Gate.OPEN, now=NOW)

        assert desk.approve(marc).approved
        held = desk.now().approval
        assert held
        assert not held.by_author


@pytest.mark.parametrize("way", ["alone", "the newsletter says so"])
def test_an_author_approves_where_nobody_else_could_or_the_newsletter_says_so(
    database: Database, way: str
) -> None:
    with database.writing() as session:
        desk = Desk(session)
        asha = desk.operator("Asha Singh", Power.ADMIN)
        if way != "alone":
            desk.operator("Marc Bell", Power.APPROVER)
            desk.newsletter.self_approval = True
        editing.edit(session, desk.id, subject="By Asha", actor=asha, now=NOW)

        desk.approve(asha)

        held = desk.now().approval
        assert held
        assert held.by_author
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "issue approved")).one()
        assert entry.detail["by_author"] is True


def test_two_approve_at_once_and_the_second_hears_of_the_first(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        marc, priya = (desk.operator(name, Power.APPROVER) for name in ("Marc Bell", "Priya Shah"))
        desk.approve(marc)

        with pytest.raises(NotAllowed, match="Marc Bell approved version 1 already, Tue 8 Dec"):
            desk.approve(priya)


def test_no_machine_approves_by_launching(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)

        with pytest.raises(NotAllowed, match="Nobody has approved version 1"):
            sending.launch(session, desk.id, actor=SCHEDULE, gate=Gate.OPEN, now=NOW)
        with pytest.raises(NotAllowed, match="Nobody has approved version 1"):
            sending.launch(session, desk.id, actor=COMMAND, gate=Gate.OPEN, now=NOW, approves=False)


def test_changes_are_asked_for_with_words_and_take_the_approval_away(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.plan("2026-12-15T10:00")
        marc = desk.operator("Marc Bell", Power.APPROVER)
        desk.approve(marc)

        with pytest.raises(FormError, match="Write what should change"):
            approval.ask_for_changes(session, desk.id, "  ", actor=marc, now=NOW)
        with pytest.raises(NotFound, match="no longer there"):
            approval.ask_for_changes(session, desk.id, "A", block_id="gone", actor=marc, now=NOW)
        approval.ask_for_changes(session, desk.id, "A fifth.", block_id="t", actor=marc, now=NOW)

        issue = desk.now()
        assert (issue.status, issue.approved) == (S.DRAFT, False)
        said = session.scalars(select(Comment)).one()
        assert (said.text, said.block_id, said.by_name) == ("A fifth.", "t", "Marc Bell")
        with pytest.raises(NotAllowed, match="This issue is a draft"):
            approval.ask_for_changes(session, desk.id, "More", actor=marc, now=NOW)


def test_it_is_passed_on_to_somebody_who_may_approve_it(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        marc, eve = desk.operator("Marc", Power.APPROVER), desk.operator("Eve", Power.EDITOR)
        priya = desk.operator("Priya Shah", Power.APPROVER)

        with pytest.raises(NotAllowed, match="Eve can’t approve it"):
            approval.pass_on(session, desk.id, eve.id or 0, actor=marc, now=NOW)
        with pytest.raises(NotAllowed, match="somebody else than yourself"):
            approval.pass_on(session, desk.id, marc.id or 0, actor=marc, now=NOW)
        assert (
            approval.pass_on(session, desk.id, priya.id or 0, actor=marc, now=NOW).name
            == "Priya Shah"
        )


def test_what_a_person_holds_does_not_go_out_at_its_time(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.plan("2026-12-15T10:00")
        desk.approve()
        timing.hold(session, desk.id, why="A number is wrong.", actor=TESTER, now=NOW)

        due = datetime.fromisoformat("2026-12-15T10:00+00:00")
        outcome = schedules.launch_or_hold(session, desk.id, due_at=due, gate=Gate.OPEN, now=due)

        assert outcome == "nothing to do: held"
        assert desk.now().status is S.HELD
