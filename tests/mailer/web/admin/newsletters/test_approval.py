"""The page on which an issue is approved, and the ways out of one that was held."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app import create_app
from contacts.models import Newsletter, Subscription, SubscriptionStatus
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.campaigns import editing, schedules, timing
from mailer.campaigns.freezing import freeze
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.models import (
    ApprovalsNeeded,
    Campaign,
    CampaignStatus,
    Delivery,
    Exclusion,
    Operator,
    Power,
)
from mailer.settings.environment import Gate
from tests.factories import TESTER, a_campaign, a_newsletter, many
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

ISSUE = "/issues/members-update/2026-12"
TUESDAY = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)
PEOPLE = 60
S = CampaignStatus


class SetClock:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.at = TUESDAY

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def issue(mailer: Mailer) -> int:
    """For sixty people, on Tuesday at 10:00; the clock says 9."""
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, PEOPLE)
        made = a_campaign(session, newsletter.id, slug="2026-12").id
        timing.plan(
            session,
            made,
            wall="2026-12-08T10:00",
            zone="Europe/London",
            actor=TESTER,
            gate=Gate.OPEN,
            now=TUESDAY,
        )
        return made


@pytest.fixture
def held(mailer: Mailer, issue: int, clock: SetClock) -> int:
    """It is 10:12 and nobody has approved it."""
    clock.at = TUESDAY + timedelta(minutes=72)
    with mailer.database.writing() as session:
        due_at = TUESDAY + timedelta(hours=1)
        schedules.launch_or_hold(session, issue, due_at=due_at, gate=Gate.OPEN, now=clock.at)
    return issue


def status(mailer: Mailer) -> CampaignStatus:
    with mailer.database.reading() as session:
        return session.get_one(Campaign, 1).status


def edited_by(mailer: Mailer, power: Power) -> None:
    """Whoever signs in with this role changed it last."""
    with mailer.database.writing() as session:
        email = f"{power}@network.example"
        operator = session.scalars(select(Operator).where(Operator.email == email)).one()
        editing.edit(
            session,
            1,
            subject="By me",
            actor=TESTER.operator(operator.id),
            now=mailer.clock(),
        )


def press(browser: Browser, words: str) -> str:
    """Press the one button of the approval page that begins so; what is seen then."""
    page = browser.get(f"{ISSUE}/approval").text
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if words in each)
    values = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    values.pop("csrf_token", None)
    action = re.search(r'action="([^"]+)"', form)
    assert action
    return visible_text(browser.submit(f"{ISSUE}/approval", values, to=action[1]))


def test_the_button_says_what_it_does_and_when(
    mailer: Mailer, issue: int, approver: Browser
) -> None:
    seen = press(approver, "Approve version 1: goes out Tue 8 Dec, 10:00")

    assert "You approved version 1." in seen
    assert "Version 1 was approved by Vera Approver." in seen
    assert status(mailer) is S.SCHEDULED


def test_two_approve_at_once_and_the_second_is_told(
    mailer: Mailer, issue: int, approver: Browser, sign_in: SignIn
) -> None:
    admin = sign_in(Power.ADMIN)
    seen = {"version": "1", "revision": "1"}
    first = approver.submit(f"{ISSUE}/approval", seen, to=f"{ISSUE}/approve")
    second = admin.submit(ISSUE, seen, to=f"{ISSUE}/approve")

    assert first.status_code == 200
    assert second.status_code == 409
    assert "Vera Approver approved version 1 already, Tue 8 Dec 2026, 09:00" in visible_text(second)


def test_where_all_have_to_approve_what_is_held_is_sent_by_the_last_of_them(
    mailer: Mailer, held: int, approver: Browser, sign_in: SignIn
) -> None:
    admin = sign_in(Power.ADMIN)
    with mailer.database.writing() as session:
        people = session.scalars(select(Operator).order_by(Operator.id)).all()
        comes = Recurrence(NthWeekday(2, 1), "10:00", "Europe/London", TUESDAY.date())
        plan = Plan(
            comes,
            None,
            21,
            "News",
            approver_ids=tuple(each.id for each in people),
            approvals_needed=ApprovalsNeeded.ALL,
        )
        newsletter = session.scalars(select(Newsletter)).one()
        made = schedules.make(session, newsletter, plan, now=TUESDAY)
        issue = session.get_one(Campaign, held)
        issue.schedule_id, issue.occurrence = made.id, "2026-12-08T10:00"

    assert "Approve and send" not in visible_text(approver.get(f"{ISSUE}/send"))
    first = press(approver, "Approve version 1")

    waits = "Vera Approver has approved version 1. It waits for Vera Admin."
    assert waits in first
    assert status(mailer) is S.HELD
    again = visible_text(approver.get(f"{ISSUE}/approval"))
    assert "You have approved version 1. It waits for Vera Admin." in again
    assert waits in visible_text(admin.get(f"{ISSUE}/approval"))
    assert "it is being sent" in press(admin, "Approve and send to 60 now")
    assert status(mailer) is S.SENDING


def test_who_wrote_it_last_sees_who_approves_it_and_no_button(
    mailer: Mailer, issue: int, sign_in: SignIn
) -> None:
    admin = sign_in(Power.ADMIN)
    sign_in(Power.APPROVER)
    edited_by(mailer, Power.ADMIN)

    for page in (f"{ISSUE}/approval", f"{ISSUE}/send"):
        seen = visible_text(admin.get(page))
        assert "somebody else approves it. Vera Approver can." in seen
        assert "Approve and send" not in seen
    refused = admin.submit(ISSUE, {"revision": "2", "approves": "yes"}, to=f"{ISSUE}/send")
    assert refused.status_code == 409
    assert status(mailer) is S.DRAFT


def test_one_who_is_alone_approves_and_it_is_labelled(
    mailer: Mailer, issue: int, sign_in: SignIn
) -> None:
    admin = sign_in(Power.ADMIN)
    edited_by(mailer, Power.ADMIN)

    seen = press(admin, "Approve version 1")

    assert "approved by Vera Admin, its author" in seen
    assert "Approved by the author" in seen
    assert "by the author" in visible_text(admin.get(f"{ISSUE}/send"))


def test_a_newsletter_lets_authors_approve_by_a_switch(
    mailer: Mailer, issue: int, sign_in: SignIn
) -> None:
    admin = sign_in(Power.ADMIN)
    sign_in(Power.APPROVER)
    edited_by(mailer, Power.ADMIN)
    form = {
        "name": "Members' Update",
        "from_name": "Co-op Councils Network",
        "from_address": "update@network.example",
        "postal_address": "1 Commons Row, Northhaven",
        "self_approval": "yes",
    }
    admin.submit("/settings/newsletters/members-update", form)
    with mailer.database.reading() as session:
        assert session.scalars(select(Newsletter)).one().self_approval

    assert "its author" in press(admin, "Approve version 1")


def test_what_is_held_is_approved_and_sent_within_the_late_window(
    mailer: Mailer, held: int, approver: Browser
) -> None:
    hub = visible_text(approver.get(ISSUE))
    assert "Not sent. It wasn't approved by 10:00 GMT." in hub

    seen = press(approver, "Approve and send to 60 now")

    assert "You approved it, and it is being sent." in seen
    assert status(mailer) is S.SENDING


def test_after_the_window_approving_only_approves_and_a_time_is_chosen(
    mailer: Mailer, held: int, approver: Browser, clock: SetClock
) -> None:
    clock.at = TUESDAY + timedelta(hours=6)  # 15:00, five working hours late
    assert "Approve and send" not in visible_text(approver.get(f"{ISSUE}/send"))
    late = {"version": "1", "revision": "1", "sends": "yes"}
    assert approver.submit(ISSUE, late, to=f"{ISSUE}/approve").status_code == 409
    forced = approver.submit(ISSUE, {"revision": "1", "approves": "yes"}, to=f"{ISSUE}/send")
    assert forced.status_code == 409

    seen = press(approver, "Approve version 1")

    assert "It stays held: choose when it goes out." in seen
    assert status(mailer) is S.HELD
    for words in ("Tomorrow, 10:00", "Tue 15 Dec, 10:00", "Skip this one"):
        assert words in seen
    assert "Today, 14:00" not in seen
    approver.submit(f"{ISSUE}/send", {"date": "2026-12-09", "time": "10:00"}, to=f"{ISSUE}/plan")
    assert status(mailer) is S.SCHEDULED


def test_what_the_button_said_holds_when_it_is_pressed_later(
    mailer: Mailer, held: int, approver: Browser
) -> None:
    """A page that said that approving sends nothing, of an issue that is held by now."""
    asked = {"version": "1", "revision": "1"}

    refused = approver.submit(ISSUE, asked, to=f"{ISSUE}/approve")

    assert refused.status_code == 409
    assert "approving it sends it at once now" in visible_text(refused)
    assert status(mailer) is S.HELD


def test_skipping_is_a_question_where_a_mail_leads(
    mailer: Mailer, held: int, editor: Browser
) -> None:
    seen = visible_text(editor.get(f"{ISSUE}/skip"))
    assert "Skip December?" in seen
    assert status(mailer) is S.HELD

    editor.submit(f"{ISSUE}/skip")

    assert status(mailer) is S.SKIPPED


def test_an_editor_holds_what_is_to_go_out(
    mailer: Mailer, issue: int, approver: Browser, editor: Browser
) -> None:
    press(approver, "Approve version 1")

    seen = visible_text(editor.submit(ISSUE, to=f"{ISSUE}/hold"))

    assert status(mailer) is S.HELD
    assert "Not sent. Somebody held it. Version 1 is approved and needs a new time." in seen


def test_who_left_since_the_approval_is_told_with_the_number_it_goes_to(
    mailer: Mailer, issue: int, approver: Browser, clock: SetClock
) -> None:
    press(approver, "Approve version 1")
    clock.at += timedelta(minutes=10)
    with mailer.database.writing() as session:
        for held in session.scalars(select(Subscription).limit(3)):
            held.status, held.changed_at = SubscriptionStatus.UNSUBSCRIBED, clock.at

    told = "3 people unsubscribed since this was approved. It will go to 57."
    for page in (ISSUE, f"{ISSUE}/send", f"{ISSUE}/approval"):
        seen = visible_text(approver.get(page))
        assert told in seen, page
        assert "Person 1 : unsubscribed" in seen, page
    assert told in visible_text(approver.get("/"))


def test_one_number_on_every_page_in_the_command_and_in_the_deliveries(
    mailer: Mailer, issue: int, approver: Browser, clock: SetClock
) -> None:
    with mailer.database.writing() as session:
        for held in session.scalars(select(Subscription).limit(7)):
            held.status = SubscriptionStatus.UNSUBSCRIBED
    will = PEOPLE - 7

    for page in ("/", ISSUE, f"{ISSUE}/approval", f"{ISSUE}/send"):
        assert re.search(rf"\b{will}\b", visible_text(approver.get(page))), page
    runner = create_app(mailer).test_cli_runner()
    said = runner.invoke(args=["campaigns", "approve", "1", "--json"])
    assert f'"will": {will}' in said.output
    approver.submit(ISSUE, {"revision": "1"}, to=f"{ISSUE}/send")
    freeze(mailer.database, issue, clock=mailer.clock)

    with mailer.database.reading() as session:
        carried = session.scalar(select(func.count(Delivery.id)).where(Delivery.reason.is_(None)))
        out = session.scalar(
            select(func.count(Delivery.id)).where(Delivery.reason == Exclusion.UNSUBSCRIBED.value)
        )
    assert (carried, out) == (will, 7)


def test_a_contributor_comments_and_is_told_who_sends(
    mailer: Mailer, issue: int, sign_in: SignIn, approver: Browser
) -> None:
    contributor = sign_in(Power.CONTRIBUTOR)
    hub = contributor.get(ISSUE).text
    assert f"{ISSUE}/compose" in hub
    assert f"{ISSUE}/submit" not in hub
    assert "Only editors can do this. Vera Approver can." in visible_text(contributor.get(ISSUE))

    said = {"text": "Say who Amrit is.", "block": "t"}
    contributor.submit(f"{ISSUE}/approval", said, to=f"{ISSUE}/comments")

    assert "Say who Amrit is." in visible_text(contributor.get(f"{ISSUE}/compose"))
    assert contributor.submit(ISSUE, to=f"{ISSUE}/submit").status_code == 403
    contributor.submit(f"{ISSUE}/compose", to=f"{ISSUE}/comments/1/resolve")
    assert "Say who Amrit is." not in visible_text(contributor.get(f"{ISSUE}/compose"))


def test_it_is_passed_on_to_another_approver(mailer: Mailer, issue: int, approver: Browser) -> None:
    with mailer.database.writing() as session:
        other = operators.create(
            session,
            email="priya@network.example",
            name="Priya Shah",
            power=Power.APPROVER,
            actor=TESTER,
            now=TUESDAY,
        )
        sign_in_links.end_all(session, other.id)
        number = str(other.id)

    seen = visible_text(
        approver.submit(f"{ISSUE}/approval", {"operator": number}, to=f"{ISSUE}/pass-on")
    )

    assert "Priya Shah is asked to approve it, by mail." in seen
    assert "The approval was passed on: Priya Shah" in seen


def test_home_says_what_waits_for_an_approver_and_for_nobody_else(
    issue: int, approver: Browser, editor: Browser
) -> None:
    editor.submit(ISSUE, to=f"{ISSUE}/submit")

    words = "Version 1 of December waits for your approval."
    assert words in visible_text(approver.get("/"))
    assert words not in visible_text(editor.get("/"))


@pytest.mark.parametrize("text", ["", "x" * 2_001])
def test_changes_need_words(issue: int, approver: Browser, text: str) -> None:
    approver.submit(ISSUE, to=f"{ISSUE}/submit")

    refused = approver.submit(f"{ISSUE}/approval", {"text": text}, to=f"{ISSUE}/ask-for-changes")

    assert refused.status_code == 422
