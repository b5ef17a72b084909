"""The library as officers use it: one press puts an item into the issue, and undo frees it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_composer import Desk, blocks

pytestmark = pytest.mark.browser
EMPORIUM = "The Emporium reopens, its tenants in charge"


@pytest.fixture
def asha(served: Served, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield Desk(served, context)
    context.close()


@pytest.fixture
def without_script(served: Served, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(java_script_enabled=False)
    yield Desk(served, context, scripted=False)
    context.close()


def headlines(served: Served) -> list[str]:
    return [str(each.get("headline", "")) for each in blocks(served).values()]


def test_a_press_in_the_palette_adds_an_item_and_undo_frees_it(served: Served, asha: Desk) -> None:
    page, palette = asha.page, asha.page.locator("#palette")
    page.keyboard.press("/")
    hidden = palette.get_by_role("button", name="The hall with a hundred keys")
    expect(palette.get_by_role("button", name=EMPORIUM)).to_be_visible()
    expect(hidden).to_be_hidden()
    page.keyboard.type("hundred keys")
    expect(hidden).to_be_visible()
    page.locator("#kind-search").fill("emporium")
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_contain_text("is in the issue.")
    assert EMPORIUM in headlines(served)
    page.locator("#history .undo").click()
    expect(page.locator("#history .undo")).to_be_disabled()

    assert EMPORIUM not in headlines(served)
    page.keyboard.press("/")
    expect(palette.get_by_role("button", name=EMPORIUM)).to_be_visible()


def test_a_change_in_the_library_is_taken_by_a_press_and_undone(served: Served, asha: Desk) -> None:
    page = asha.page
    page.goto(served.site + "/library?type=story&state=in_issue")
    page.get_by_role("link", name="Retrofit, street by street").click()
    page.locator("#headline").fill("Warm homes, street by street")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("with older words")).to_be_visible()
    page.goto(asha.compose)
    story = page.locator("#b-retrofit")
    expect(story).to_contain_text("Retrofit, street by street")

    story.get_by_role("button", name="Update from library").click()

    expect(story.locator("h3")).to_contain_text("Warm homes, street by street")
    assert blocks(served)["retrofit"]["layout"] == "lead"
    page.locator("#history .undo").click()
    expect(story.locator("h3")).to_contain_text("Retrofit, street by street")
    expect(story.get_by_role("button", name="Update from library")).to_be_visible()


def test_it_all_works_without_script(served: Served, without_script: Desk) -> None:
    page = without_script.page
    page.goto(served.site + "/library/new/event")
    page.locator("#title").fill("Seed swap")
    page.locator("#start").fill("9 Jan 2027 10am")
    page.get_by_role("button", name="Save, it is ready").click()
    expect(page.get_by_text("Saved, and ready.")).to_be_visible()
    page.goto(without_script.compose + "?add=retrofit")
    page.get_by_role("link", name=re.compile("All that is ready")).click()

    page.get_by_role("button", name="Add Seed swap").click()

    expect(page.get_by_text("is in the issue.")).to_be_visible()
    assert "Seed swap" in [each["title"] for each in blocks(served)["events"]["events"]]
