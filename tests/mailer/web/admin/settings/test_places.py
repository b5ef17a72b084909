"""Settings as a place: for admins, its pages beside each other, and what each of them keeps."""

import pytest
from sqlalchemy import select

from contacts.models import Category, Newsletter
from mailer.bootstrap import Mailer
from mailer.models import Power
from tests.factories import Cast, a_newsletter
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

PLACES = (
    "network",
    "newsletters",
    "categories",
    "calendar",
    "people",
    "senders",
    "relays",
    "privacy",
)


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Power.ADMIN)


def names(mailer: Mailer, kind: type[Newsletter] | type[Category]) -> list[str]:
    with mailer.database.reading() as session:
        return list(session.scalars(select(kind.name).order_by(kind.position, kind.id)))


def test_every_place_of_the_settings_leads_to_the_others(admin: Browser) -> None:
    for place in PLACES:
        page = admin.get(f"/settings/{place}")
        assert page.status_code == 200
        assert all(f'href="/settings/{other}"' in page.text for other in PLACES), place


def test_settings_are_shown_to_admins_alone(admin: Browser, editor: Browser) -> None:
    assert 'href="/settings/network"' in admin.get("/people/").text
    assert "/settings/" not in editor.get("/people/").text
    assert editor.get("/settings").status_code == 403


def test_newsletters_are_changed_and_put_in_order(
    admin: Browser, mailer: Mailer, cast: Cast
) -> None:
    with mailer.database.writing() as session:
        a_newsletter(session, "events")
    page = "/settings/newsletters"
    form = {"name": "Events", "from_name": "Network", "from_address": "events@other.example"}

    saved = visible_text(admin.submit(f"{page}/events", form))
    admin.submit(page, to=f"{page}/events/up")

    assert "It comes from another domain now: check other.example." in saved
    assert names(mailer, Newsletter) == ["Events", "Members' Update"]


def test_a_category_is_added_and_removed_after_a_question(
    admin: Browser, mailer: Mailer, cast: Cast
) -> None:
    page = "/settings/categories"
    admin.submit(f"{page}/new", {"name": "Friend", "held_by": "people"})
    asked = visible_text(admin.get(f"{page}/friend/remove"))
    before = names(mailer, Category)
    said = visible_text(admin.submit(f"{page}/friend/remove"))
    held = admin.submit(f"{page}/full/remove")

    assert "Remove the category Friend?" in asked
    assert "Friend" in before
    assert "Friend is removed." in said
    assert held.status_code == 409
    assert "Full is held by 1 organisations" in visible_text(held)
    assert names(mailer, Category) == ["Full", "Associate", "Affiliate", "Supporter"]


def test_forms_offer_the_categories_that_fit(admin: Browser, cast: Cast) -> None:
    admin.submit("/settings/categories/new", {"name": "Friend", "held_by": "people"})
    admin.submit("/settings/categories/new", {"name": "Partner", "held_by": "organisations"})

    assert "Friend" in admin.get("/people/new").text
    assert "Partner" not in admin.get("/people/new").text
    assert "Friend" not in admin.get("/organisations/new").text
    assert "Partner" in admin.get("/organisations/new").text


def test_the_privacy_notice_stands_on_every_page_of_subscribers(
    admin: Browser, visitor: Browser, cast: Cast
) -> None:
    notice = {"privacy_notice_url": "https://network.example/privacy"}
    refused = admin.submit("/settings/privacy", {"privacy_notice_url": "javascript:alert(1)"})
    admin.submit("/settings/privacy", notice)

    assert refused.status_code == 422
    assert "javascript:alert(1)" in refused.text
    assert 'href="https://network.example/privacy"' in visitor.get("/join/members-update").text


def test_a_pre_election_period_is_added_and_removed(admin: Browser) -> None:
    page = "/settings/calendar"
    days = {"first_day": "2027-03-18", "last_day": "2027-05-06"}

    refused = admin.submit(page, {**days, "words": ""})
    added = visible_text(admin.submit(page, {**days, "words": "6 member areas"}))
    removed = visible_text(admin.submit(page, to=f"{page}/1/remove"))

    assert refused.status_code == 422
    assert 'value="2027-03-18"' in refused.text
    assert "6 member areas Thu 18 Mar 2027 Thu 6 May 2027" in added
    assert "6 member areas, is removed." in removed
    assert "No pre-election period is kept yet." in removed


def test_days_off_are_added_and_removed(admin: Browser) -> None:
    page = "/settings/working-days"
    days = {"first_day": "2026-12-24", "last_day": "2027-01-02", "yearly": "yes"}

    refused = admin.submit(page, {**days, "words": ""})
    added = visible_text(admin.submit(page, {**days, "words": "Office closed"}))
    removed = visible_text(admin.submit(page, to=f"{page}/1/remove"))

    assert refused.status_code == 422
    assert 'value="2026-12-24"' in refused.text
    assert "Office closed Thu 24 Dec 2026 Sat 2 Jan 2027 Every year" in added
    assert "Office closed, from Thu 24 Dec 2026, is removed." in removed
    assert "No days off of your own are kept yet" in removed


def test_a_nation_is_chosen_and_a_bank_holiday_worked_and_kept_again(admin: Browser) -> None:
    page = "/settings/working-days"
    scotland = visible_text(admin.submit(page, {"nation": "scotland"}, to=f"{page}/nation"))
    worked = visible_text(admin.submit(page, to=f"{page}/holidays/2027-08-02/work"))
    again = visible_text(admin.submit(page, to=f"{page}/1/remove"))

    assert "Bank holidays are those of Scotland." in scotland
    assert "Mon 2 Aug 2027 Summer bank holiday" in scotland
    assert "Summer bank holiday You work on it" in worked
    assert "Summer bank holiday is a bank holiday again." in again
    for address in ("2027-08-03", "soon"):
        assert admin.submit(page, to=f"{page}/holidays/{address}/work").status_code == 404
