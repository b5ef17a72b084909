"""The list of people as somebody uses it with a pointer: found, narrowed, ticked."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served


@pytest.mark.browser
def test_people_are_ticked_counted_and_tagged(served: Served, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(served.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")

    page.goto(served.site + "/people/?text=aldmor")
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_text("50 chosen")).to_be_visible()
    page.get_by_label("Choose all on this page").uncheck()
    page.get_by_role("checkbox", name=re.compile("^Choose [A-Z]")).nth(3).check()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_label("Tag for the chosen people").fill("Retrofit")
    page.get_by_role("button", name="Tag them").click()

    expect(page.get_by_text("1 person tagged “Retrofit”.")).to_be_visible()
    expect(page).to_have_url(served.site + "/people/?text=aldmor")
    page.close()


@pytest.mark.browser
def test_filters_are_chosen_in_a_menu_and_taken_away_as_chips(
    looked_at: Served, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(looked_at.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(looked_at.site + "/")

    page.goto(looked_at.site + "/people/")
    page.get_by_text("Add a filter").click()
    page.get_by_label("Category").select_option("Full")
    page.get_by_role("button", name="Use these filters").click()
    expect(page.locator("main .lead")).to_contain_text("match.")
    page.get_by_role("link", name="Take away: Category").click()

    expect(page.locator("main .lead")).to_contain_text("1,842 people.")
    page.close()
