"""What axe finds on every page that an operator or a reader can open: nothing, of any impact.

Each page is looked at wide and as narrow as a page gets, with every rule of WCAG 2.0 to 2.2 A and
AA and of good practice, and in both schemes; as narrow, nothing has to be scrolled sideways.
"""

import time
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import crawling
from tests.browser.conftest import Served
from tests.browser.demo_steps import (
    a_mail_to_look_at,
    approve,
    check_its_domain,
    sign_in,
    wait_until_sent,
)

pytestmark = pytest.mark.browser

# So tall that nothing has to be scrolled: what stands behind a bar at the foot is not a fault.
_TALL: Final = 3_000
# Width, scheme, and the only rules to ask: between schemes nothing but colours differs.
_LOOKS: Final[tuple[tuple[int, Any, list[str]], ...]] = (
    (1440, "light", []),
    (1440, "dark", ["color-contrast"]),
    (320, "dark", []),
    (320, "light", ["color-contrast"]),
)
# The mail in a frame has a test of its own. Axe leaves out the size of targets unless it is asked.
_RUN: Final = """only => axe.run(document, {
    iframes: false, resultTypes: ['violations'], rules: {'target-size': {enabled: true}},
    ...(only.length ? {runOnly: only} : {}),
}).then(found => found.violations.map(each =>
    `${each.id} (${each.impact}): ${each.nodes[0].html.slice(0, 160)}`))"""


class Inspector:
    """Looks at pages and keeps what was found, and what was seen."""

    def __init__(self, served: Served, context: BrowserContext) -> None:
        self.served = served
        self.page = context.new_page()
        self.faults: dict[str, list[str]] = {}
        self.looked_at: set[str] = set()

    def visit(self, name: str, path: str) -> None:
        self.page.goto(self.served.site + path)
        self.look(name)

    def look(self, name: str) -> None:
        """At the page that is open, in every look."""
        page = self.page
        page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(d => d.open = true)")
        page.evaluate(AXE_SCRIPT)
        for width, scheme, only in _LOOKS:
            page.set_viewport_size({"width": width, "height": _TALL})
            page.emulate_media(color_scheme=scheme)
            if found := page.evaluate(_RUN, only):
                self.faults[f"{name}, {width} {scheme}"] = found
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
            self.faults[f"{name}, 320 sideways"] = [f"{width} pixels wide"]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1440, "height": _TALL})
        self.looked_at.add(name)


@pytest.mark.slow
def test_axe_finds_nothing_on_any_page_and_none_scrolls_sideways(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": _TALL}, reduced_motion="reduce"
    )
    inspector = Inspector(served, context)
    page = inspector.page
    sign_in(page, served)
    check_its_domain(served)
    strange = a_mail_to_look_at(served)
    issue = crawling.issue_of(context, served)

    _conflict(inspector, issue)
    _import(inspector, tmp_path)
    for part in strange[1:]:
        inspector.visit(part, part)
    seen: set[str] = {"unreadable_mail-show"}
    for name, path in crawling.states_of_the_composer(issue).items():
        inspector.visit(name, path)
    for name, path in crawling.pages_of(context, served, seen):
        inspector.visit(name, path)
    approve(served)
    page.goto(f"{served.site}{issue}/send")
    page.get_by_role("button", name="Send to 1,204 people now").click()
    wait_until_sent(page)
    # What looks different now, and the pages that only lead there now.
    again = {"home-show", "issues-show", "composing-show", "reports-show_all", "inbox-show_all"}
    again |= {"drafts-show_versions", "sending-approval", "sending-confirm", "sending-progress"}
    after = ("/", issue, f"{issue}/report", f"{issue}/versions", "/caught/", "/reports")
    for name, path in crawling.pages_of(context, served, seen - again, after):
        inspector.visit(f"{name}, sent" if name in again else name, path)

    assert inspector.faults == {}
    missing = {"reports-show", "reports-people", "drafts-show_version", "inbox-show"}
    assert missing <= inspector.looked_at
    context.close()


def _conflict(inspector: Inspector, issue: str) -> None:
    """Two tabs of one block: the dialog, and the page where nothing is scripted."""
    page, other = inspector.page, inspector.page.context.new_page()
    for each in (page, other):
        each.goto(f"{inspector.served.site}{issue}/compose?open=retrofit#b-retrofit")
        expect(each.locator("#composer.scripted")).to_be_attached()
    other.locator("#headline").fill("Written first")
    expect(other.locator("#saved")).to_contain_text("Saved ")
    other.keyboard.press("Control+s")
    until = time.monotonic() + 15
    while "Written first" not in other.request.get(other.url).text():
        assert time.monotonic() < until
        time.sleep(0.2)
    page.locator("#headline").fill("Written second")
    expect(page.locator("#conflict")).to_be_visible(timeout=15_000)
    inspector.look("composer-conflict")
    other.close()


def _import(inspector: Inspector, folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text("name,email\nAmina Yusuf,amina@northhaven.example\nBo Tan,not an address\n")
    page = inspector.page
    page.goto(f"{inspector.served.site}/contacts/import/")
    page.get_by_label("A CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at the file").click()
    page.wait_for_url("**/columns")
    inspector.look("imports-match")
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/check")
    inspector.look("imports-check")
