"""The form of a block in a real installation: its text is edited as it looks, and is kept."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_issues import sign_in

pytestmark = pytest.mark.browser


def test_a_story_is_written_as_it_will_look(served: Served, browser: Browser) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    issue = sign_in(page, served)
    page.goto(f"{issue}/compose")
    expect(page.locator("#composer.scripted")).to_be_attached()
    page.locator("#b-retrofit h3 a").click()
    page.locator(".editor [role=textbox]").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("Bring ")
    page.keyboard.press("Control+b")
    page.keyboard.type("soup")

    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("innerWidth")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
    assert Axe().run(page, options=rules).response["violations"] == []
    saved = re.compile(r"Saved \d+:\d+:\d+")
    expect(page.locator("#saved")).to_have_text(saved, timeout=15_000)
    page.goto(f"{issue}/compose?open=retrofit")

    expect(page.locator("textarea[name=text]")).to_have_value(
        re.compile(r"\n\nBring \*\*soup\*\*$")
    )
    assert not refused
    page.close()
