"""A newcomer's first ten minutes: send the demo issue, read a copy, click, see it count."""

import re
import time
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import Browser, Page, expect

from mailer.smtpd.caught_mail import Tray
from tests.browser.conftest import Served
from tests.browser.demo_steps import (
    sign_in,
    wait_until_sent,
)

ISSUE = re.compile(r"/issues/members-update/\d{4}-\d{2}")


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_demo_issue_goes_out_and_its_report_adds_up(
    served: Served, browser: Browser, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()

    sign_in(page, served)
    expect(page.get_by_text("nobody outside receives it")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1,204")
    page.get_by_role("link", name="Send time").click()
    expect(page.locator("main")).to_contain_text("1,204 of 1,310 people")
    page.get_by_role("button", name="Approve and send to 1,204 people now").click()
    wait_until_sent(page)
    page.get_by_role("link", name="Read the report").click()

    report = page.locator("main")
    expect(report).to_contain_text("1,204 sent to + 106 left out = 1,310 in the audience ✓")
    expect(report).to_contain_text("61")
    page.get_by_role("link", name="1,204").first.click()
    expect(page.locator("h1")).to_contain_text("1,204: accepted")
    _read_a_counted_copy_and_click(page, served)
    context.close()


@pytest.mark.browser
def test_the_issue_is_sent_by_keyboard_alone(served: Served, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(served.sign_in_link())
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(served.site + "/")

    _tab_to(page, "Send time")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/send$"))
    _tab_to(page, "Approve and send to 1,204 people now")
    page.keyboard.press("Enter")
    wait_until_sent(page)

    expect(page.locator("main")).to_contain_text("Done: 1,204 of 1,204")


def _issue(page: Page) -> str:
    found = ISSUE.search(page.content())
    assert found
    return found[0]


def _tab_to(page: Page, text: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.innerText") or ""
        if text in focused:
            return
    raise AssertionError(f"the keyboard never reached {text!r}")


def _read_a_counted_copy_and_click(page: Page, served: Served) -> None:
    issue = ISSUE.search(page.url)
    assert issue
    page.goto(f"{served.site}/caught/")
    page.locator("tbody th a").first.click()
    expect(page.frame_locator("iframe").locator("h1")).to_contain_text("Members")
    # The newest is anybody's; the copy of somebody who agreed has links that count.
    page.goto(f"{served.site}/caught/{_a_counted_copy(served)}")
    expect(page.frame_locator("iframe").locator("h1")).to_contain_text("Members")
    source = page.request.get(page.url + "/body").text()
    counted = re.search(r'href="(http://localhost:\d+/c/[^"]+)"', source)
    assert counted
    answer = page.request.get(counted[1], max_redirects=0)
    assert answer.status == 302
    until = time.monotonic() + 15
    # Nobody has found a link and pressed it so soon: it is shown, and counts as a machine's.
    while time.monotonic() < until:
        page.goto(f"{served.site}{issue[0]}/report/heard/clicked-automatically")
        if "1: clicked by machines only" in page.locator("h1").inner_text():
            expect(page.locator("tbody")).to_contain_text("sooner after the mail arrived")
            return
        page.wait_for_timeout(500)
    raise AssertionError("the click was not noticed")


def _a_counted_copy(served: Served) -> str:
    for caught in Tray(served.folder / "caught").list(2000, 0):
        message = message_from_bytes(caught.content(), policy=default)
        html = message.get_body(("html",))
        if html and "/c/" in html.get_content():
            return caught.id
    raise AssertionError("nobody's copy is counted")
