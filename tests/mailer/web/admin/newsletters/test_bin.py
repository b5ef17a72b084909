"""The bin on pages: one press in, one press back, and a question before it is for good."""

import pytest

from mailer.bootstrap import Mailer
from mailer.models import Campaign, CampaignStatus, Power
from tests.factories import Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn


@pytest.fixture
def page(mailer: Mailer, cast: Cast) -> str:
    with mailer.database.writing() as session:
        issue = a_campaign(session, cast.newsletter, slug="2026-12")
        return f"/issues/members-update/{issue.slug}"


def status(mailer: Mailer) -> CampaignStatus | None:
    with mailer.database.reading() as session:
        found = session.get(Campaign, 1)
        return found.status if found else None


def test_a_draft_goes_into_the_bin_and_comes_back_by_one_press(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    seen = visible_text(editor.submit(page, to=f"{page}/bin"))
    listed = visible_text(editor.get("/issues/"))
    in_bin = editor.get("/issues/?show=bin")
    found = visible_text(editor.get("/search?q=December"))

    assert "is removed for good on" in seen
    assert "News for" not in listed
    assert f'action="{page}/put-back"' in in_bin.text
    assert "Delete for good" not in in_bin.text  # that is for admins
    assert f'href="{page}"' not in found

    editor.submit("/issues/?show=bin", to=f"{page}/put-back")

    assert status(mailer) is CampaignStatus.DRAFT


def test_an_admin_is_asked_before_it_is_deleted_for_good(
    mailer: Mailer, page: str, editor: Browser, sign_in: SignIn
) -> None:
    editor.submit(page, to=f"{page}/bin")
    admin = sign_in(Power.ADMIN)

    asked = visible_text(admin.get(f"{page}/remove"))
    before = status(mailer)
    answer = admin.submit(f"{page}/remove")

    assert "nobody can bring them back" in asked
    assert before is CampaignStatus.BINNED
    assert "The bin is empty." in visible_text(answer)
    assert status(mailer) is None
    assert admin.get(page).status_code == 404


def test_editors_delete_nothing_for_good(mailer: Mailer, page: str, editor: Browser) -> None:
    editor.submit(page, to=f"{page}/bin")

    assert editor.get(f"{page}/remove").status_code == 403
    assert editor.submit(page, to=f"{page}/remove").status_code == 403
    assert status(mailer) is CampaignStatus.BINNED


def test_one_off_emails_are_listed_apart(mailer: Mailer, page: str, editor: Browser) -> None:
    called = {"newsletter": "members-update", "start": "one_off", "name": "Office closed"}
    editor.submit("/issues/new", called)

    every, alone, issues = (
        visible_text(editor.get(f"/issues/{query}"))
        for query in ("", "?show=one_off", "?show=issues")
    )

    assert "Office closed" in every
    assert "Office closed" in alone
    assert "News for" not in alone
    assert "Office closed" not in issues
