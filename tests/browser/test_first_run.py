"""From an empty folder to the preview of a first issue with a picture, in a browser: by mouse, by
keyboard, and without script."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from contacts.database import Database
from mailer.accounts import operators
from mailer.clock import now
from mailer.models import Power
from tests.browser.conftest import Served, serving
from tests.factories import TESTER
from tests.mailer.authoring.pictures.drawing import a_file

_PEOPLE = "name,email\nAmina Yusuf,amina@northhaven.example\nBo Tan,bo@aldmor.example\n"


class Hand:
    """Presses and types, with the mouse or with nothing but the keyboard."""

    def __init__(self, page: Page, *, mouse: bool) -> None:
        self._page = page
        self._mouse = mouse

    def press(self, role: str, name: str, *, goes: bool = True) -> None:
        """``goes`` says whether another page follows."""
        wanted = self._page.locator("main").get_by_role(role, name=name).first  # type: ignore[arg-type]
        if self._mouse:
            wanted.click()
            return
        self._tab_to(wanted)
        if not goes:
            self._page.keyboard.press("Enter")
            return
        with self._page.expect_navigation():
            self._page.keyboard.press("Enter")

    def write(self, label: str, words: str) -> None:
        wanted = self._page.get_by_label(label, exact=True).locator("visible=true").first
        if self._mouse:
            wanted.fill(words)
        else:
            self._tab_to(wanted)
            self._page.keyboard.press("Control+A")
            self._page.keyboard.type(words)

    def choose_file(self, label: str, file: Path) -> None:
        wanted = self._page.get_by_label(label, exact=True)
        with self._page.expect_file_chooser() as chooser:
            if self._mouse:
                wanted.click()
            else:
                self._tab_to(wanted)
                self._page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def _tab_to(self, wanted: Locator) -> None:
        if self._page.evaluate("document.activeElement === document.body"):
            self._page.keyboard.press("Tab")
            self._page.keyboard.press("Enter")  # the first of every page skips to its content
        for _ in range(60):
            if wanted.evaluate("each => each === document.activeElement"):
                return
            self._page.keyboard.press("Tab")
        raise AssertionError("the keyboard never reached it")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    """``flask serve`` in an empty folder, and one admin."""
    with serving(tmp_path, demo=False) as served:
        database = Database(f"sqlite:///{tmp_path / 'circular.db'}")
        with database.writing() as session:
            operators.create(
                session,
                email="asha.singh@network.example",
                name="Asha Singh",
                power=Power.ADMIN,
                actor=TESTER,
                now=now(),
            )
        database.dispose()
        yield served


@pytest.mark.browser
@pytest.mark.parametrize(
    ("mouse", "script"),
    [(True, True), (False, True), (True, False)],
    ids=["mouse", "keyboard", "without script"],
)
def test_an_officer_gets_from_nothing_to_a_first_issue_with_a_picture(
    empty: Served, browser: Browser, tmp_path: Path, mouse: bool, script: bool
) -> None:
    (tmp_path / "people.csv").write_text(_PEOPLE)
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    hand = Hand(page, mouse=mouse)
    page.goto(empty.sign_in_link())
    hand.press("button", "Sign in")
    heading = page.locator("h1")
    expect(heading).to_have_text("Welcome, Asha. Four things before the first issue.")

    hand.press("link", "Say who you are")
    hand.write("Name of the network", "Commons Network")
    hand.write("Postal address", "1 Commons Row, Northhaven")
    hand.press("button", "Save changes")
    expect(heading).to_contain_text("Three things")

    hand.press("link", "Add the newsletter")
    hand.write("Name", "Members’ Update")
    hand.write("Sender’s address", "news@network.example")
    hand.press("button", "Add the newsletter")
    expect(heading).to_contain_text("Two things")

    hand.press("link", "Import contacts")
    page.get_by_label("A CSV file").set_input_files(tmp_path / "people.csv")
    hand.press("button", "Look at the file")
    hand.press("button", "Check the file")
    hand.press("button", "Import 2 people")
    until = time.monotonic() + 15
    while "Added 2" not in " ".join(page.locator("main").inner_text().split()):
        assert time.monotonic() < until
        page.wait_for_timeout(200)
        page.reload()
    page.goto(f"{empty.site}/")
    expect(heading).to_contain_text("One thing before the first issue")

    hand.press("link", "Set up a schedule")
    hand.write("Subject to start from", "Members’ Update")
    hand.press("button", "Make schedule")
    expect(page.locator("main")).to_contain_text("now comes round")
    page.goto(f"{empty.site}/")
    expect(heading).not_to_contain_text("before the first issue")

    _a_first_issue(empty, page, hand, tmp_path / "street.png")
    context.close()


def _a_first_issue(served: Served, page: Page, hand: Hand, picture: Path) -> None:
    """A story with a picture, from a file, is put in and seen in the mail."""
    picture.write_bytes(a_file("PNG", (1072, 714)))
    page.goto(f"{served.site}/issues/")
    hand.press("link", "New issue")
    hand.press("button", "Make the draft")
    page.wait_for_url("**/issues/members-update/**")
    page.goto(
        page.url.partition("?")[0].removesuffix("/edit").removesuffix("/compose") + "/compose"
    )

    hand.press("link", "Add a block here", goes=False)
    expect(page.locator("#palette")).to_be_visible()
    hand.press("button", "Story picture", goes=False)
    expect(page.locator(".block.on #headline")).to_be_visible()
    hand.choose_file("Picture (optional)", picture)
    hand.write("Words for the picture (optional)", "A street of warm homes")
    hand.write("Headline", "Warm homes, street by street")
    hand.write("Text", "Forty streets are done.")
    if page.locator("#composer.scripted").count():
        expect(page.locator("#saved")).to_have_text(
            re.compile(r"Saved \d+:\d+:\d+"), timeout=20_000
        )
    else:
        hand.press("button", "Save")

    mail = page.frame_locator("#preview")
    shown = mail.get_by_alt_text("A street of warm homes")
    expect(shown).to_be_visible(timeout=20_000)
    assert shown.evaluate("each => each.complete && each.naturalWidth") > 0
