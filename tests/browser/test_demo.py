"""A newcomer's first ten minutes: send the demo issue, read a copy, click, see it count."""

import re
import time
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from contacts.database import Database
from mailer.domains import standing
from mailer.receipts.incoming import folder
from mailer.smtpd.caught_mail import Tray
from tests.browser.conftest import Served
from tests.mailer.domains.zones import DOMAIN, RELAY, checked, in_order

ISSUE = re.compile(r"/issues/members-update/\d{4}-\d{2}")


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_demo_issue_goes_out_and_its_report_adds_up(
    served: Served, browser: Browser, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()

    _sign_in(page, served)
    expect(page.get_by_text("nobody outside receives it")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1,204")
    page.get_by_role("link", name="Send time").click()
    expect(page.locator("main")).to_contain_text("1,204 of 1,310 people")
    page.get_by_role("button", name="Send to 1,204 people now").click()
    _wait_until_sent(page)
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
    _tab_to(page, "Send to 1,204 people now")
    page.keyboard.press("Enter")
    _wait_until_sent(page)

    expect(page.locator("main")).to_contain_text("Done: 1,204 of 1,204")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(looked_at: Served, browser: Browser, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    _sign_in(page, looked_at)
    _check_its_domain(looked_at)
    issue = _issue(page)
    faults: dict[str, list[str]] = {}
    # The scheme changes colours and nothing else.
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else None

    strange = _a_mail_to_look_at(looked_at)
    for path in (
        *strange,
        "/",
        "/issues/",
        issue,
        f"{issue}/edit",
        f"{issue}/compose",
        f"{issue}/compose/retrofit",
        f"{issue}/compose/events",
        f"{issue}/approval",
        f"{issue}/send",
        f"{issue}/test",
        f"{issue}/wont/unsubscribed",
        "/archive/members-update",
        "/caught/",
        "/people/?category=full&standing=subscribed&sort=organisation",
        "/people/1",
        "/people/1/edit",
        "/organisations/",
        "/organisations/aldmor-city-council",
        "/segments/",
        "/segments/full-members",
        "/segments/full-members/edit",
        "/contacts/import/",
        "/do-not-email/",
        "/schedules/",
        "/schedules/1",
        "/schedules/new",
        "/reports",
        "/nothing-is-here",
        "/library/pictures/",
        "/library/pictures/1",
        "/search?q=a",
        "/components",
        "/settings/brand/members-update",
        "/settings/network",
        "/settings/newsletters",
        "/settings/newsletters/members-update",
        "/settings/categories",
        "/settings/categories/full",
        "/settings/calendar",
        "/settings/people",
        "/settings/people/new",
        "/settings/people/1",
        "/settings/people/1/remove",
        "/settings/privacy",
        "/settings/senders",
        "/settings/senders/network.example",
        "/settings/relays",
        "/settings/relays/new",
        "/settings/relays/1",
        "/settings/relays/1/test",
        "/join/members-update",
        "/join/none",
        "/choices",
        "/p/broken",
    ):
        page.goto(looked_at.site + path)
        found = Axe().run(page, options=rules).response["violations"]
        serious = [each for each in found if each["impact"] in {"serious", "critical"}]
        if serious:
            faults[path] = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in serious]

    assert faults == {}
    context.close()


@pytest.mark.browser
def test_nothing_scrolls_sideways_at_320_pixels(looked_at: Served, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    _sign_in(page, looked_at)
    _check_its_domain(looked_at)
    issue = _issue(page)
    wide = {}

    paths = ("/", "/issues/", issue, f"{issue}/compose", f"{issue}/send", "/people/", "/segments/")
    contacts = ("/people/1", "/people/1/edit", "/organisations/", "/do-not-email/")
    segments = ("/segments/full-members", "/segments/full-members/edit")
    issues = (f"{issue}/approval", f"{issue}/edit", "/schedules/1", "/reports", "/caught/", "/none")
    more = (
        *issues,
        "/schedules/",
        f"{issue}/test",
        f"{issue}/wont/unsubscribed",
        "/archive/members-update",
        "/contacts/import/",
        "/library/pictures/",
        "/library/pictures/1",
        "/settings/brand/members-update",
        "/settings/senders",
        "/search?q=a",
        "/components",
        "/join/members-update",
    )
    relays = [f"/settings/relays{path}" for path in ("", "/new", "/1", "/1/test")]
    domain = "/settings/senders/network.example"
    places = "network newsletters newsletters/members-update categories people people/1 privacy"
    settings = [f"/settings/{place}" for place in (*places.split(), "calendar")]
    public = ("/choices", "/p/broken", "/join/none")
    for path in (
        *paths,
        *contacts,
        *segments,
        *more,
        domain,
        *relays,
        *settings,
        *public,
        *_a_mail_to_look_at(looked_at),
    ):
        page.goto(looked_at.site + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide[path] = width

    assert wide == {}
    context.close()


def _a_mail_to_look_at(served: Served) -> list[str]:
    """The list with such a mail in it, and the pages of the mail."""
    long = b"unbroken" * 60
    message = b"From: x@y.example\r\nSubject: " + long + b"\r\nX-Odd: " + long + b"\r\n\r\n" + long
    path = folder.put(served.folder / "incoming", message, sent_to="", sent_from="")
    unreadable = path.parent / folder.TO_LOOK_AT / path.name
    until = time.monotonic() + 30
    while not unreadable.exists():  # the worker that is served takes it in, and can't read it
        assert time.monotonic() < until
        time.sleep(0.1)
    listed = "/receipts/to-look-at"
    mail = f"{listed}/{unreadable.stem}"
    return [listed, mail, f"{mail}?part=headers", f"{mail}?part=source"]


def _sign_in(page: Page, served: Served) -> None:
    page.goto(served.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")


def _check_its_domain(served: Served) -> None:
    """What a check found that had something to say of every kind; nobody is asked."""
    database = Database(f"sqlite:///{served.folder / 'circular.db'}")
    zone = in_order(**{f"_dmarc.{DOMAIN}": None, DOMAIN: {"TXT": [f"v=spf1 ip4:{RELAY} ?all"]}})
    with database.writing() as session:
        standing.keep(session, checked(zone), now=datetime.now(UTC))
    database.dispose()


def _issue(page: Page) -> str:
    found = ISSUE.search(page.content())
    assert found
    return found[0]


def _wait_until_sent(page: Page) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if page.locator("h2", has_text="Done:").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


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
