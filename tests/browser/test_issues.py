"""The pages of an issue as people use them: dates that follow, a sending watched, its report."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served

ISSUE = re.compile(r"/issues/members-update/\d{4}-\d{2}")


def sign_in(page: Page, served: Served) -> str:
    """Sign in; gives the address of the demo's issue."""
    page.goto(served.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")
    found = ISSUE.search(page.content())
    assert found
    return served.site + found[0]


@pytest.mark.browser
def test_the_dates_of_a_schedule_follow_its_form_and_a_save_keeps_it(
    served: Served, browser: Browser
) -> None:
    page = browser.new_page()
    sign_in(page, served)
    page.goto(f"{served.site}/schedules/1")
    dates = page.locator("ol.dates li")
    expect(dates).to_have_count(6)
    expect(dates.first).to_contain_text("Tue")

    page.get_by_label("Weekday").select_option("Friday")
    expect(dates.first).to_contain_text("Fri")
    page.get_by_label("at", exact=True).fill("16:30")
    expect(dates.first).to_contain_text("16:30")
    page.get_by_role("button", name="Show dates").click()
    expect(dates.first).to_contain_text("Fri")
    page.get_by_role("button", name="Save schedule").click()

    expect(page.locator("main")).to_contain_text("the second Friday of every month at 16:30")
    page.goto(f"{served.site}/schedules/1")
    page.get_by_label("The one before").check()
    page.get_by_role("radio", name="On the working day").check()
    expect(page.locator("ol.track li.today")).to_contain_text("Today")
    page.get_by_role("button", name="Show dates").click()
    page.get_by_label("Subject to start from").press("Enter")

    expect(page.locator("main")).to_contain_text("the last working day of every month at 16:30")
    page.close()


@pytest.mark.browser
def test_a_sending_is_watched_without_a_reload_and_its_pages_are_accessible(
    served: Served, browser: Browser
) -> None:
    page = browser.new_page()
    issue = sign_in(page, served)
    page.goto(f"{issue}/send")
    page.get_by_role("button", name="Approve and send to 1,204 people now").click()
    page.wait_for_url(f"{issue}/progress")
    page.evaluate("window.stays = true")

    expect(page.locator("h2", has_text="Done:")).to_be_visible(timeout=60_000)
    expect(page).to_have_title(re.compile("^100 %"))
    expect(page.get_by_role("link", name="Read the report")).to_be_visible()
    assert page.evaluate("window.stays") is True

    faults = {}
    paths = ("/progress", "/report", "/report/people?status=accepted", "/report/heard/measured")
    others = ("", "/reports", "/schedules/", "/schedules/1", "/settings/working-days")
    for address in (*(issue + path for path in paths), *(served.site + each for each in others)):
        page.goto(address)
        found = [
            each
            for each in Axe().run(page).response["violations"]
            if each["impact"] in {"serious", "critical"}
        ]
        page.set_viewport_size({"width": 320, "height": 640})
        width = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size({"width": 1280, "height": 720})
        said = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]
        if said or width > 320:
            faults[address] = [*said, f"{width} pixels wide at 320"]
    assert faults == {}
    page.close()
