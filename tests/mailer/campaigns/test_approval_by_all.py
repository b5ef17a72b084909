"""Where all of its approvers have to approve an issue, it is approved when the last of them has."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contacts.actors import COMMAND, Actor
from contacts.database import Database
from mailer.accounts import operators
from mailer.campaigns import approval, deciding, editing, schedules, sending
from mailer.campaigns.approved import lapse_of
from mailer.campaigns.editing import find
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.errors import NotAllowed, NotTheirs
from mailer.models import ApprovalsNeeded, Campaign, CampaignStatus, Power
from mailer.notices.people import approvers_of
from mailer.settings.environment import Gate
from tests.factories import NOW
from tests.mailer.campaigns.test_approval import LONDON, Desk


class Panel(Desk):
    """The same with two approvers who both have to approve, one more, and an editor."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.marc = self.operator("Marc", Power.APPROVER)
        self.priya = self.operator("Priya", Power.APPROVER)
        self.olga = self.operator("Olga", Power.APPROVER)
        plan = Plan(
            Recurrence(NthWeekday(2, 1), "10:00", LONDON, NOW.date()),
            None,
            21,
            "News",
            approver_ids=(self.marc.id or 0, self.priya.id or 0),
            approvals_needed=ApprovalsNeeded.ALL,
        )
        schedule = schedules.make(session, self.newsletter, plan, now=NOW)
        self.issue.schedule_id, self.issue.occurrence = schedule.id, "2026-12-08T10:00"
        approval.submit(session, self.id, actor=COMMAND, gate=Gate.OPEN, now=NOW)

    def waits(self) -> str | None:
        return lapse_of(find(self.session, self.id))

    def asked(self) -> list[str]:
        return [each.name for each in approvers_of(self.session, self.now_it_is())]

    def now_it_is(self) -> Campaign:
        return find(self.session, self.id)


def test_the_last_of_them_approves_it_and_it_says_who_is_waited_for(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        panel.plan("2026-12-15T10:00")
        assert panel.asked() == ["Marc", "Priya"]

        panel.approve(panel.marc)
        assert (panel.issue.approved, panel.issue.status) == (False, CampaignStatus.WAITING)
        assert panel.waits() == "Marc has approved version 1. It waits for Priya."
        assert panel.asked() == ["Priya"]

        panel.approve(panel.priya)
        assert (panel.issue.approved, panel.issue.status) == (True, CampaignStatus.SCHEDULED)
        assert panel.issue.approved_by == "Marc and Priya"


def test_nobody_approves_it_twice_and_nobody_else_for_them(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        panel.approve(panel.marc)

        with pytest.raises(NotTheirs, match=r"You have approved version 1\. It waits for Priya\."):
            panel.approve(panel.marc)
        for other in (panel.olga, COMMAND):
            with pytest.raises(NotTheirs, match="it waits for Priya"):
                panel.approve(other)


def test_a_new_version_asks_all_of_them_again(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        panel.approve(panel.marc)
        asha = panel.operator("Asha", Power.EDITOR)
        editing.edit(session, panel.id, subject="Other news", actor=asha, now=NOW)

        assert panel.waits() == "Nobody has approved version 2."
        panel.approve(panel.priya)
        assert panel.waits() == "Priya has approved version 2. It waits for Marc."


def test_what_was_sent_back_is_approved_by_all_of_them_again(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        panel.approve(panel.marc)
        approval.ask_for_changes(session, panel.id, "Shorter.", actor=panel.priya, now=NOW)
        approval.submit(session, panel.id, actor=COMMAND, gate=Gate.OPEN, now=NOW)

        panel.approve(panel.priya)
        assert panel.waits() == "Priya has approved version 1. It waits for Marc."


@pytest.mark.parametrize("to", ["priya", "olga"])
def test_whoever_is_away_passes_it_on_and_that_counts_for_them(database: Database, to: str) -> None:
    with database.writing() as session:
        panel = Panel(session)
        other: Actor = getattr(panel, to)
        approval.pass_on(session, panel.id, other.id or 0, actor=panel.marc, now=NOW)
        panel.approve(panel.priya)
        if to == "olga":
            assert not panel.issue.approved
            panel.approve(panel.olga)

        assert panel.issue.approved


def test_one_of_them_can_not_send_it(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        with pytest.raises(NotAllowed, match="It waits for Priya"):
            sending.launch(session, panel.id, actor=panel.marc, gate=Gate.OPEN, now=NOW)


def test_who_wrote_it_is_not_waited_for(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        editing.edit(session, panel.id, subject="Other news", actor=panel.marc, now=NOW)
        panel.approve(panel.priya)

        assert panel.issue.approved


def test_of_a_held_issue_only_the_last_approval_sends(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        issue = panel.plan("2026-12-08T18:00")
        at = issue.goes_out_at
        assert at
        schedules.launch_or_hold(session, issue.id, due_at=at, gate=Gate.OPEN, now=at)
        later = at + timedelta(minutes=5)

        def sends(by: Actor) -> bool:
            return deciding.sends_at_once(session, panel.now_it_is(), now=later, actor=by)

        assert (sends(panel.marc), sends(panel.priya)) == (False, False)
        panel.approve(panel.marc, now=later)
        assert issue.status is CampaignStatus.HELD
        assert sends(panel.priya)


def test_an_approver_who_has_left_is_not_waited_for(database: Database) -> None:
    with database.writing() as session:
        panel = Panel(session)
        panel.approve(panel.marc)
        operators.remove(session, "priya@network.example", actor=COMMAND, now=NOW)
        panel.approve(panel.marc)

        assert panel.issue.approved
