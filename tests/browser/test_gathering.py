"""A story comes by the public form with a picture, without script too, and is a draft on Home; axe
finds nothing on that form and on the public pages, and none scrolls sideways at 320 pixels."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select

from contacts.database import Database
from mailer.models import StoryAsk
from mailer.security.tokens import Purpose, Tokens
from mailer.settings.environment import Settings
from tests.browser.conftest import Served
from tests.browser.demo_steps import sign_in
from tests.browser.test_accessibility import Inspector

pytestmark = pytest.mark.browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield made
    made.close()


def story_form(served: Served) -> str:
    """The path of the form of somebody who has not answered."""
    database = Database(f"sqlite:///{served.folder / 'circular.db'}")
    with database.reading() as session:
        silent = StoryAsk.answered_at.is_(None) & StoryAsk.declined_at.is_(None)
        number = session.scalars(select(StoryAsk.id).where(silent)).first()
    database.dispose()
    assert number is not None
    tokens = Tokens(Settings(data_dir=served.folder).secret)
    return f"/story/{tokens.seal(Purpose.STORY, number)}"


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (640, 400), (20, 120, 60)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_story_with_a_picture_comes_in_and_waits_on_home(
    served: Served, browser: Browser, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(served.site + story_form(served))
    page.get_by_label("Name of the story").fill("Our pond")
    page.locator("#picture1").set_input_files(
        {"name": "pond.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    page.locator("#alt1").fill("A pond in spring")
    page.get_by_role("button", name="Send my story").click()

    expect(page.get_by_role("alert")).to_contain_text("Tell what happened")
    expect(page.locator("#headline")).to_have_value("Our pond")
    expect(page.get_by_alt_text("The picture that you sent")).to_be_visible()
    page.locator("#text").fill("We dug it ourselves.")
    page.get_by_label("You may publish this").check()
    page.get_by_role("button", name="Send my story").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("“Our pond” is with us")

    sign_in(page, served)
    expect(page.locator("main")).to_contain_text("A story came in: Our pond")
    page.get_by_role("link", name=re.compile("Read it.*Our pond")).click()
    expect(page.locator("#headline")).to_have_value("Our pond")
    expect(page.locator("#image_alt")).to_have_value("A pond in spring")
    context.close()


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    served: Served, context: BrowserContext
) -> None:
    inspector = Inspector(served, context)
    form = story_form(served)
    for path in ("/case-studies", "/events", "/blog", "/members", form):
        inspector.visit(path[:9], path)
    inspector.page.get_by_role("button", name="Send my story").click()
    inspector.look("form with problems")
    sign_in(inspector.page, served)
    for path in ("/library/requests", "/library/requests/1", "/library/requests/new"):
        inspector.visit(path, path)
    for path in ("/library/featured", "/library/feeds", "/settings/public-pages"):
        inspector.visit(path, path)

    assert inspector.faults == {}
