"""Where an issue stands: one tag, one true sentence and one next step, the same on every page."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailer.bootstrap import Mailer
from mailer.campaigns import approval, editing, sending, timing
from mailer.campaigns.freezing import freeze
from mailer.clock import UK, wall_of
from mailer.models import Campaign, CampaignStatus, Delivery, DeliveryStatus
from mailer.settings.environment import Gate
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

ISSUE = "/issues/members-update/2026-11"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, and what can be done to it in one word."""

    mailer: Mailer

    def plan(self, days: int = 3) -> None:
        with self.mailer.database.writing() as session:
            now = self.mailer.clock()
            wall = wall_of(now + timedelta(days=days), UK).strftime("%Y-%m-%dT%H:%M")
            timing.plan(session, 1, wall=wall, zone=UK, actor=TESTER, gate=Gate.OPEN, now=now)

    def submit(self) -> None:
        with self.mailer.database.writing() as session:
            approval.submit(session, 1, actor=TESTER, gate=Gate.OPEN, now=self.mailer.clock())

    def approve(self) -> None:
        with self.mailer.database.writing() as session:
            version = session.get_one(Campaign, 1).version
            now = self.mailer.clock()
            approval.approve(session, 1, version=version, actor=TESTER, gate=Gate.OPEN, now=now)

    def edit(self, subject: str = "Another subject") -> None:
        with self.mailer.database.writing() as session:
            now = self.mailer.clock()
            editing.edit(session, 1, subject=subject, actor=TESTER, now=now)

    def hold(self) -> None:
        with self.mailer.database.writing() as session:
            why, now = "It wasn't approved by 10:00.", self.mailer.clock()
            timing.hold(session, 1, why=why, actor=TESTER, now=now)

    def launch(self) -> None:
        with self.mailer.database.writing() as session:
            sending.launch(session, 1, actor=TESTER, gate=Gate.OPEN, now=self.mailer.clock())
        freeze(self.mailer.database, 1, clock=self.mailer.clock)

    def finish(self, status: DeliveryStatus = DeliveryStatus.ACCEPTED) -> None:
        with self.mailer.database.writing() as session:
            carried = select(Delivery).where(Delivery.status == DeliveryStatus.PENDING)
            for each in session.scalars(carried):
                each.status = status
            issue = session.get_one(Campaign, 1)
            issue.status, issue.finished_at = CampaignStatus.SENT, self.mailer.clock()


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> Issue:
    with mailer.database.writing() as session:
        a_campaign(session, cast.newsletter, slug="2026-11")
    return Issue(mailer)


def head(browser: Browser, path: str) -> str:
    """What the head of a page says, and the words of its primary button."""
    page = browser.get(path)
    while page.status_code == 302:
        page = browser.get(page.headers["Location"])
    found = re.search(r'<div class="head.*?</h1>.*?</p>.*?</div>\s*</div>', page.text, re.DOTALL)
    assert found, path
    page.set_data(found[0])
    return visible_text(page)


def in_the_list(browser: Browser) -> str:
    page = browser.get("/issues/")
    page.set_data(page.text.partition("<tbody>")[2].partition("</tbody>")[0])
    return visible_text(page)


@pytest.mark.parametrize(
    ("done", "tag", "sentence", "step"),
    [
        ((), "Drafting", "No time is chosen for it yet.", "Read and approve"),
        (("plan",), "Drafting", ", in 3 days, once version 1 is approved.", "Read and approve"),
        (("submit",), "Waiting for approval", "Nobody has approved version 1.", "Read and approve"),
        (
            ("plan", "submit"),
            "Waiting for approval",
            "Nobody has approved version 1. It will be held on ",
            "Read and approve",
        ),
        (("approve",), "Approved", "It goes out when somebody sends it.", "Send it or choose"),
        (("plan", "approve"), "Scheduled", "Goes out by itself on", "See who gets it"),
        (
            ("plan", "approve", "edit"),
            "To approve again",
            "Approval was for version 1. Version 2 needs approving. It will be held on ",
            "Read and approve",
        ),
        (
            ("plan", "hold"),
            "Held",
            "Not sent. It wasn't approved by 10:00. Version 1 needs approving.",
            "Read and approve",
        ),
        (
            ("plan", "hold", "approve"),
            "Held",
            "Version 1 is approved and needs a new time.",
            "Choose a new time",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_home_the_hub_and_the_list_say_the_same(
    issue: Issue, approver: Browser, done: tuple[str, ...], tag: str, sentence: str, step: str
) -> None:
    for each in done:
        getattr(issue, each)()

    for page in ("/", ISSUE):
        said = head(approver, page)
        assert tag in said, page
        assert sentence in said, page
        assert step in said, page
    assert tag in in_the_list(approver)
    assert sentence in in_the_list(approver)


def test_an_editor_asks_for_approval_and_then_sees_it(issue: Issue, editor: Browser) -> None:
    before = head(editor, ISSUE)
    editor.submit(ISSUE, to=f"{ISSUE}/submit")

    assert "Submit for approval" in before
    assert "See its approval" in head(editor, ISSUE)
    assert "Approve" not in head(editor, ISSUE)


def test_what_is_to_mend_comes_before_the_approval(issue: Issue, editor: Browser) -> None:
    issue.edit(subject="")

    said = head(editor, "/")

    assert "Write the subject" in said
    assert "Read and approve" not in said
    assert "Approval After the parts above are mended" in visible_text(editor.get(ISSUE))


def test_a_sending_says_how_far_it_is_and_leads_to_it(issue: Issue, editor: Browser) -> None:
    issue.launch()

    said = head(editor, "/")

    assert "Sending" in said
    assert "0 of 1 have an outcome." in said
    assert "Watch it go" in said


def test_what_was_sent_stays_on_the_home_page_with_its_report(
    issue: Issue, editor: Browser
) -> None:
    issue.launch()
    issue.finish()

    assert "Went to 1 person today, in less than a minute." in head(editor, "/")
    assert "Read the report" in head(editor, "/")
    assert "Went to 1 person today" in head(editor, f"{ISSUE}/report")
    assert "Went out today, in less than a minute." in in_the_list(editor)


def test_whoever_did_not_get_it_is_a_press_away(issue: Issue, editor: Browser) -> None:
    issue.launch()
    issue.finish(DeliveryStatus.REFUSED)

    home = editor.get("/").text

    assert "1 didn’t get it: see who" in home
    assert f'href="{ISSUE}/report/people?status=refused"' in home


def test_a_viewer_is_offered_to_read_and_told_who_can_do_the_rest(
    issue: Issue, viewer: Browser, editor: Browser
) -> None:
    hub = viewer.get(ISSUE).text

    assert "Read it" in head(viewer, "/")
    assert "Only editors can do this. Vera Editor can." in visible_text(viewer.get(ISSUE))
    for closed in ("/edit", "/send", "/skip", "/submit"):
        assert f"{ISSUE}{closed}" not in hub.partition("<main")[2]
    assert "Only editors" not in visible_text(editor.get(ISSUE))
    assert "<button" not in viewer.get(f"{ISSUE}/approval").text.partition("<main")[2]


def test_the_hub_tells_what_happened_and_whom_it_reaches(
    issue: Issue, editor: Browser, cast: Cast
) -> None:
    issue.submit()

    seen = visible_text(editor.get(f"{ISSUE}?who=castell"))

    assert "Sent for approval, version 1" in seen
    assert "Carol Castell : No: address bounced before." in seen
    assert "Yes." in visible_text(editor.get(f"{ISSUE}?who=adeyemi"))
    assert "Nobody is called that." in visible_text(editor.get(f"{ISSUE}?who=nemo"))


def test_an_empty_installation_says_how_to_begin(editor: Browser) -> None:
    seen = visible_text(editor.get("/"))

    assert "Four things before the first issue." in seen
    assert "An admin" in seen or "Only admins" in seen or "admin" in seen.lower()
