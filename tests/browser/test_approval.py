"""Somebody writes, somebody else approves on a phone: by touch, by keyboard, and without script."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served

ISSUE = re.compile(r"/issues/[a-z-]+/[0-9]{4}-[0-9]{2}")
MARC = "marc.bell@network.example"
PHONE = {"width": 390, "height": 844}


def sign_in(page: Page, served: Served, email: str) -> str:
    """Sign somebody in; the address of the issue."""
    page.goto(served.sign_in_link(email))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")
    found = ISSUE.search(page.content())
    assert found
    return served.site + found[0]


def submit(browser: Browser, served: Served) -> str:
    """Asha changes the subject and asks for approval."""
    page = browser.new_page(java_script_enabled=False)  # typed words are saved by a button
    issue = sign_in(page, served, "asha.singh@network.example")
    page.goto(f"{issue}/compose?open=head")
    page.get_by_label("Subject", exact=True).fill("Winter labs and seven events")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(issue)
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.locator("main")).to_contain_text("Waiting for approval")
    page.goto(f"{issue}/approval")
    expect(page.locator("main")).to_contain_text("Marc Bell and Priya Shah can.")
    expect(page.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)
    page.close()
    return issue


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_somebody_else_approves_on_a_phone(served: Served, browser: Browser, script: bool) -> None:
    issue = submit(browser, served)
    context = browser.new_context(viewport=PHONE, java_script_enabled=script)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, served, MARC)

    page.goto(f"{issue}/approval")
    button = page.get_by_role("button", name=re.compile("^Approve version"))
    expect(button).to_be_in_viewport()
    expect(page.get_by_role("link", name="Ask for changes")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Pass on")).to_be_in_viewport()
    if script:
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    button.click()

    expect(page.locator("main")).to_contain_text("approved by Marc Bell")
    page.goto(f"{issue}/approval")
    expect(page.locator("main")).to_contain_text("was approved by Marc Bell")
    context.close()


@pytest.mark.browser
def test_it_is_approved_by_keyboard_alone(served: Served, browser: Browser) -> None:
    issue = submit(browser, served)
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    sign_in(page, served, MARC)
    page.goto(f"{issue}/approval")

    for _ in range(120):
        page.keyboard.press("Tab")
        if re.match("Approve version", page.evaluate("document.activeElement.innerText") or ""):
            break
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_contain_text("approved by Marc Bell")
    page.close()


@pytest.mark.browser
def test_changes_are_asked_for_and_a_comment_is_read_where_it_is_written(
    served: Served, browser: Browser
) -> None:
    issue = submit(browser, served)
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    sign_in(page, served, MARC)
    page.goto(f"{issue}/approval")

    block = page.locator("li.talk").nth(2)
    block.locator("summary").click()
    block.get_by_role("textbox").fill("A fifth, not a quarter.")
    block.get_by_role("button", name="Add comment").click()
    expect(page.locator("main")).to_contain_text("A fifth, not a quarter.")
    page.get_by_label("What should change").fill("See my comment on the story.")
    page.get_by_role("button", name="Ask for changes").click()

    expect(page.locator("main")).to_contain_text("Drafting")
    page.goto(f"{issue}/compose")
    expect(page.locator("#blocks")).to_contain_text("A fifth, not a quarter.")
    page.get_by_role("button", name=re.compile("Resolve")).first.click()
    expect(page.locator("main")).not_to_contain_text("See my comment on the story.")
    page.close()
