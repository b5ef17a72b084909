"""The December issue, from an empty draft to a test that was sent, the way an officer makes it."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from contacts.database import Database
from contacts.models import Newsletter
from mailer.campaigns import editing
from mailer.clock import now
from tests.browser.conftest import Served
from tests.factories import TESTER

pytestmark = pytest.mark.browser
EVENTS = """9 Dec 10am - Community wealth building webinar - Online - https://events.network.example/1
10 Dec 2pm - Northern regional meeting - Northhaven
11 Dec noon - Officer Network drop-in - Online
14 Dec 10am - Housing co-operatives - Aldmor
15 Dec 9.30am - Executive committee - Wyeham
16 Dec 3pm - Policy Lab clinic - Online
17 Dec 10am - Winter conference - Upper Larkby"""
SLOW = 15_000


class Officer:
    """Counts what an officer does: presses, fields filled, and pages loaded."""

    def __init__(self, page: Page) -> None:
        self.page, self.done, self.loads = page, 0, 0
        page.on("load", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self.loads += 1

    def press(self, where: str) -> None:
        self.done += 1
        self.page.locator(where).first.click()

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.done += 1
            rich = self.page.locator(f".block.on [role=textbox][aria-labelledby={name}-label]")
            if rich.count():
                rich.click()
                self.page.keyboard.insert_text(text)
            else:
                self.page.locator(f"#{name}").fill(text)

    def add(self, kind: str, after: str) -> None:
        self.press(f"{after} + .add a")
        self.press(f".pick[value={kind}]")
        expect(self.page.locator(".block.on form[data-saves]")).to_be_visible(timeout=SLOW)

    def saved(self) -> None:
        expect(self.page.locator("#saved")).to_have_text(
            re.compile(r"Saved \d+:\d+:\d+"), timeout=SLOW
        )


def _picture(folder: Path) -> Path:
    path = folder / "street.png"
    content = io.BytesIO()
    Image.new("RGB", (1200, 600), "#0F5E7A").save(content, "PNG")
    path.write_bytes(content.getvalue())
    return path


def test_the_december_issue_is_made_by_mouse_in_few_interactions_and_page_loads(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(served.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")
    page.goto(_empty_draft(served))
    expect(page.locator("#composer.scripted")).to_be_attached()
    officer, picture = Officer(page), _picture(tmp_path)

    officer.press("#b-head h3 a")
    officer.fill(
        subject="Winter labs, seven events and a welcome", preview_text="What Aldmor learned"
    )
    _blocks(officer, picture)
    officer.press('button[aria-label="Send me a test"]')
    expect(page.locator("#main > .toast, #main > .note").first).to_contain_text(
        re.compile("test", re.IGNORECASE), timeout=SLOW
    )

    assert (officer.done, officer.loads) <= (68, 3)
    mail = page.frame_locator("#preview").locator("body")
    for words in ("Winter conference", "Retrofit", "soup", "From the Chair"):
        expect(mail).to_contain_text(words, timeout=SLOW)
    context.close()


def _empty_draft(served: Served) -> str:
    """The composer of a draft with nothing in it but its frame."""
    database = Database(f"sqlite:///{served.folder / 'circular.db'}")
    frame = [{"id": "top", "type": "masthead", "title": "Members’ Update", "date": "December 2026"}]
    frame.append({"id": "end", "type": "footer"})
    with database.writing() as session:
        newsletter = session.scalars(select(Newsletter)).first()
        assert newsletter
        editing.create(
            session,
            newsletter,
            name="December",
            subject="",
            document={"version": 1, "blocks": frame},
            slug="made-here",
            actor=TESTER,
            now=now(),
        )
        where = f"{served.site}/issues/{newsletter.slug}/made-here/compose"
    database.dispose()
    return where


def _blocks(officer: Officer, picture: Path) -> None:
    page = officer.page
    officer.add("chairs_message", "#blocks [data-block]")
    officer.fill(text="Dear all, it was a good year.", name="Amina Yusuf", role="Chair")
    for kind in ("contents", "story", "story", "story"):
        officer.add(kind, ".block.on")
        if kind == "story":
            officer.fill(headline="Retrofit, street by street", text="It was soup.")
            officer.done += 1
            page.locator("#image-file").set_input_files(picture)
            expect(page.locator(".block.on img.sample")).to_be_visible(timeout=SLOW)
            officer.fill(image_alt="A street in winter")
    officer.add("case_studies", ".block.on")
    case = {"title": "Warm homes", "organisation": "Aldmor", "summary": "A street."}
    case |= {"link": "https://cases.network.example/1", "link_words": "Borrow the warm homes"}
    officer.fill(**{f"cases-0-{name}": text for name, text in case.items()})
    officer.add("event_list", ".block.on")
    officer.press(".things > details:last-of-type > summary")
    officer.fill(**{"events-lines": EVENTS})
    officer.press("button[name=take]")
    expect(page.locator(".things > details")).to_have_count(9, timeout=SLOW)
    officer.add("policy_lab", ".block.on")
    officer.fill(headline="Who owns the high street?", lead="Aldmor", text="Under way.")
    officer.fill(link="https://labs.network.example/1", link_words="Read what the lab found")
    officer.press("label[for=visible-affiliate]")
    officer.press("label[for=visible-supporter]")
    officer.add("member_welcome", ".block.on")
    member = {"organisation": "Wyeham Council", "category": "Full", "since": "November"}
    officer.fill(**{f"members-0-{name}": text for name, text in member.items()})
    officer.add("figures", ".block.on")
    officer.add("quote", ".block.on")
    officer.fill(quote="The secret was soup.", speaker="Tom Reddy")
    officer.add("poll", ".block.on")
    officer.fill(question="What next?")
    officer.fill(**{"answers-0-words": "Homes", "answers-1-words": "Care"})
    officer.add("social_links", ".block.on")


class Typist:
    """Does the same with the keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, where: str) -> None:
        for _ in range(120):
            if self.page.locator(f"{where}:focus").count():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {where}")

    def add(self, kind: str) -> None:
        """Below the block that is open."""
        self.page.keyboard.press("Escape")
        expect(self.page.locator("#blocks h3 a:focus")).to_have_count(1, timeout=SLOW)
        self.page.keyboard.press("/")
        expect(self.page.locator("#kind-search")).to_be_focused()
        self.page.keyboard.type(kind)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".block.on h3")).to_contain_text(
            re.compile(kind, re.IGNORECASE), timeout=SLOW
        )

    def write(self, where: str, text: str) -> None:
        self.tab_to(where)
        self.page.keyboard.insert_text(text)


def test_an_issue_is_written_and_a_test_is_sent_with_the_keyboard_alone(
    served: Served, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(served.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")
    page.goto(_empty_draft(served))
    expect(page.locator("#composer.scripted")).to_be_attached()
    typist = Typist(page)
    typist.tab_to("#b-head h3 a")
    page.keyboard.press("Enter")
    expect(page.locator("#subject")).to_be_visible(timeout=SLOW)
    typist.write("#subject", "Winter labs")
    page.keyboard.press("Escape")
    typist.tab_to("#b-top h3 a")
    page.keyboard.press("Enter")
    typist.add("Text")
    typist.write(".block.on [role=textbox]", "It was soup.")
    typist.add("Spotlight")
    typist.write("#quote", "The secret was soup.")
    typist.write("#speaker", "Tom Reddy")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#announce")).to_contain_text("now 2 of", timeout=SLOW)
    page.keyboard.press("Escape")
    for _ in range(200):
        if page.locator("button[aria-label='Send me a test']:focus").count():
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main > .note").first).to_contain_text("Test of version", timeout=SLOW)
    mail = page.frame_locator("#preview").locator("body")
    expect(mail).to_contain_text("The secret was soup.", timeout=SLOW)
    expect(mail).to_contain_text("It was soup.")
    context.close()
