"""The composer as officers use it: words are saved by themselves, and none is ever lost."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import delete

from contacts.database import Database
from mailer.campaigns import editing
from mailer.clock import now
from mailer.models import Campaign, Change, Presence
from tests.browser.conftest import Served, serving
from tests.factories import TESTER

pytestmark = pytest.mark.browser
MARC = "marc.bell@network.example"
STORY = "#b-retrofit"


class Desk:
    """One officer's browser at the composer of this month's issue."""

    def __init__(
        self, served: Served, context: BrowserContext, email: str = "", *, scripted: bool = True
    ) -> None:
        self.served, self.context = served, context
        self.page: Page = context.new_page()
        self.page.goto(served.sign_in_link(email) if email else served.sign_in_link())
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(served.site + "/")
        found = re.search(r"/issues/members-update/\d{4}-\d{2}", self.page.content())
        assert found
        self.compose = served.site + found[0] + "/compose"
        self.page.goto(self.compose)
        if scripted:
            expect(self.page.locator("#composer.scripted")).to_be_attached()

    def open(self, block: str = STORY) -> None:
        self.page.locator(f"{block} h3 a").click()
        expect(self.page.locator(f"{block} form.open")).to_be_visible()

    def headline(self, text: str) -> None:
        self.page.locator("#headline").fill(text)

    def expect_saved(self) -> None:
        saved = re.compile(r"Saved \d+:\d+:\d+")
        expect(self.page.locator("#saved")).to_have_text(saved, timeout=15_000)

    def expect_status(self, words: str) -> None:
        expect(self.page.locator("#saved")).to_contain_text(words, timeout=15_000)


def blocks(served: Served) -> dict[str, Any]:
    database = Database(f"sqlite:///{served.folder / 'circular.db'}")
    with database.reading() as session:
        document = session.get_one(Campaign, 1).document
    database.dispose()
    return {each["id"]: each for each in document["blocks"]}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Iterator[Served]:
    """One server for all of these tests: starting one takes longer than most of them."""
    folder = tmp_path_factory.mktemp("composer")
    shutil.copytree(demo_folder, folder, dirs_exist_ok=True)
    with serving(folder) as served:
        yield served


@pytest.fixture
def served(shared: Served) -> Iterator[Served]:
    """The server, with this month's issue as it was: what a test has written goes with it."""
    database = Database(f"sqlite:///{shared.folder / 'circular.db'}")
    with database.reading() as session:
        issue = session.get_one(Campaign, 1)
        was = {name: getattr(issue, name) for name in ("subject", "preview_text", "document")}
    yield shared
    with database.writing() as session:
        for kind in (Change, Presence):
            session.execute(delete(kind))
        editing.edit(session, 1, actor=TESTER, now=now(), **was)
    database.dispose()


@pytest.fixture
def asha(served: Served, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield Desk(served, context)
    context.close()


@pytest.fixture
def marc(served: Served, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield Desk(served, context, MARC)
    context.close()


def test_words_are_saved_while_typing_and_seen_in_the_mail(served: Served, asha: Desk) -> None:
    asha.open()
    asha.headline("Warm homes, street by street")

    asha.expect_saved()
    mail = asha.page.frame_locator("#preview")
    expect(mail.locator("body")).to_contain_text("Warm homes, street by street")
    expect(asha.page.locator(f"{STORY} h3 a")).to_have_text("Warm homes, street by street")
    assert blocks(served)["retrofit"]["headline"] == "Warm homes, street by street"
    assert asha.page.url.split("?")[0] == asha.compose


def test_a_block_pressed_in_the_mail_opens(asha: Desk) -> None:
    asha.page.frame_locator("#preview").locator("#retrofit").click()

    expect(asha.page.locator(f"{STORY} #headline")).to_be_visible()


def test_blocks_are_added_moved_and_brought_back_by_keys_alone(served: Served, asha: Desk) -> None:
    page, before = asha.page, list(blocks(served))
    page.locator(f"{STORY} h3 a").focus()
    page.keyboard.press("/")
    page.keyboard.type("spotlight")
    page.keyboard.press("Enter")
    expect(page.locator(".block.on")).to_contain_text("Spotlight quote")
    added = next(each for each in blocks(served) if each not in before)
    assert list(blocks(served)).index(added) == before.index("retrofit") + 1
    page.keyboard.press("Escape")
    expect(page.locator(f"#b-{added} h3 a")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#announce")).to_contain_text("now")
    assert list(blocks(served)).index(added) == before.index("retrofit")
    page.keyboard.press("Control+z")
    page.locator("#history .undo").filter(has_text="(1)").wait_for()
    page.keyboard.press("Control+z")
    expect(page.locator(f"#b-{added}")).to_have_count(0)

    assert list(blocks(served)) == before


def test_a_block_is_dragged_to_another_place(served: Served, asha: Desk) -> None:
    page = asha.page
    grip = page.locator(f"{STORY} [data-grip]").bounding_box()
    below = page.locator("#blocks [data-block]").nth(6).bounding_box()
    assert grip
    assert below
    page.mouse.move(grip["x"] + 5, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, grip["y"] + 40)
    page.mouse.move(grip["x"] + 5, below["y"] + below["height"] - 4)
    page.mouse.up()
    expect(page.locator("#announce")).to_contain_text("now")

    assert list(blocks(served)).index("retrofit") == 6


def test_what_the_server_does_not_take_stays_on_this_computer_and_is_saved_later(
    served: Served, asha: Desk
) -> None:
    asha.open()
    asha.context.set_offline(True)
    asha.headline("Written on a train")
    asha.expect_status("Not saved. Trying again")
    asha.expect_status("kept on this computer")
    asha.context.set_offline(False)

    asha.expect_saved()
    assert blocks(served)["retrofit"]["headline"] == "Written on a train"


def test_words_come_back_after_the_session_ended(served: Served, asha: Desk) -> None:
    asha.open()
    asha.context.clear_cookies()
    asha.headline("Kept through a sign-out")
    asha.expect_status("you were signed out")
    asha.page.goto(served.sign_in_link())
    asha.page.get_by_role("button", name="Sign in").click()
    asha.page.wait_for_url(served.site + "/")
    asha.page.goto(asha.compose)
    expect(asha.page.locator("#notes")).to_contain_text("We kept changes that weren’t saved")
    asha.page.get_by_role("button", name="Put them back").click()

    asha.expect_saved()
    expect(asha.page.locator("#headline")).to_have_value("Kept through a sign-out")
    assert blocks(served)["retrofit"]["headline"] == "Kept through a sign-out"


def test_two_officers_write_in_different_blocks_and_neither_loses_anything(
    served: Served, asha: Desk, marc: Desk
) -> None:
    asha.open()
    other = next(each for each, block in blocks(served).items() if block["type"] == "quote")
    marc.open(f"#b-{other}")
    asha.headline("Hers")
    marc.page.locator("#quote").fill("His words.")
    asha.expect_saved()
    marc.expect_saved()

    assert blocks(served)["retrofit"]["headline"] == "Hers"
    assert blocks(served)[other]["quote"] == "His words."


def test_a_block_that_somebody_writes_in_is_taken_over_and_both_texts_stay(
    served: Served, asha: Desk, marc: Desk
) -> None:
    asha.open()
    asha.headline("Hers, saved")
    asha.expect_saved()
    marc.page.reload()
    expect(marc.page.locator(STORY)).to_contain_text("Asha Singh is editing")
    marc.page.locator(f"{STORY} h3 a").click()
    expect(marc.page.locator(f"{STORY} .open")).to_contain_text("is editing this")
    # She would be told of it every quarter of a minute: this is about who saves before that.
    asha.page.route("**/compose/presence", lambda route: route.abort())
    marc.page.get_by_role("button", name="Take over now").click()
    marc.headline("His")
    until = time.monotonic() + 15
    while blocks(served)["retrofit"]["headline"] != "His":
        assert time.monotonic() < until
        time.sleep(0.1)
    asha.headline("Hers, later")
    dialog = asha.page.locator("#conflict")
    changed = "Marc Bell changed this while you were writing"
    expect(dialog).to_contain_text(changed, timeout=20_000)
    dialog.get_by_role("button", name="Keep both, mine below").click()
    expect(dialog).to_be_hidden()
    expect(asha.page.locator(".block.on #headline")).to_have_value("Hers, later")

    kept = [block.get("headline") for block in blocks(served).values()]
    assert "His" in kept
    assert "Hers, later" in kept
    asha.page.goto(asha.compose.replace("/compose", "/versions"))
    expect(asha.page.locator("main")).to_contain_text("Taken over")


def test_everything_works_without_script(served: Served, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    desk = Desk(served, context, scripted=False)
    page, before = desk.page, list(blocks(served))
    page.get_by_role("link", name='Add a block here, after Story "Retrofit').first.click()
    page.locator("button.pick[value=quote]").click()
    page.locator("#quote").fill("It was soup.")
    page.get_by_role("button", name="Save", exact=True).click()
    added = next(each for each in blocks(served) if each not in before)
    assert blocks(served)[added]["quote"] == "It was soup."
    page.get_by_role("button", name="Move down: Spotlight quote").first.click()
    assert list(blocks(served)).index(added) == before.index("retrofit") + 2
    page.locator(f"#b-{added} summary").click()
    page.locator(f"#b-{added}").get_by_role("link", name="Move to…").click()
    page.locator("#to").select_option("retrofit")
    page.get_by_role("button", name="Move it").click()
    assert list(blocks(served)).index(added) == before.index("retrofit") + 1
    page.locator(f"#b-{added} summary").click()
    page.locator(f"#b-{added}").get_by_role("button", name="Remove").click()
    assert list(blocks(served)) == before
    page.get_by_role("button", name="Undo").click()
    assert added in blocks(served)
    page.locator("#width-text").check()
    page.get_by_role("button", name="Show").click()
    expect(page.frame_locator("#preview").locator("body")).to_contain_text("It was soup.")
    context.close()


def test_scripts_are_small_as_they_are_sent(asha: Desk) -> None:
    asha.open()
    expect(asha.page.locator(".editor")).to_be_visible()
    served = [
        asha.context.request.get(each, headers={"Accept-Encoding": "gzip"})
        for each in asha.page.evaluate(
            "performance.getEntriesByType('resource').map((each) => each.name)"
            ".filter((each) => each.endsWith('.js'))"
        )
    ]

    assert len(served) > 15
    assert all(each.headers["content-encoding"] == "gzip" for each in served)
    assert sum(int(each.headers["content-length"]) for each in served) < 40_000
