"""The editor of rich text as people use it: keys, the toolbar, links, names and undo."""

from collections.abc import Iterator
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.editing import page_with

pytestmark = pytest.mark.browser

_MODULE: Final = """
import "/static/js/circular.js";
window.heard = [];
document.addEventListener("input", (event) => window.heard.push(event.target.nodeName));
"""


def _body(text: str, attributes: str = "") -> str:
    return (
        f"<main><h1>Block</h1><form><div class=field><label for=text>Text</label>"
        f"<p class=hint id=text-hint>Be kind.</p><p class=error id=text-error>Write more.</p>"
        f'<textarea id=text name=text data-rich aria-describedby="text-error text-hint" '
        f"{attributes}>\n{text}</textarea></div><div class=field><label for=line>Line</label>"
        f"<input class=input id=line name=line data-merge></div></form></main>"
    )


@pytest.fixture
def empty(browser: Browser) -> Iterator[Page]:
    with page_with(browser, _body(""), _MODULE) as page:
        page.locator("[role=textbox]").click()
        yield page


def _editing(browser: Browser, text: str, attributes: str = "") -> Iterator[Page]:
    with page_with(browser, _body(text, attributes), _MODULE) as page:
        page.locator("[role=textbox]").click()
        yield page


def _holds(page: Page, text: str) -> None:
    expect(page.locator("textarea")).to_have_value(text)


def test_words_are_bold_and_italic_by_key_and_go_into_the_form(empty: Page) -> None:
    empty.keyboard.type("Come ")
    empty.keyboard.press("Control+b")
    empty.keyboard.type("soon")
    empty.keyboard.press("Control+b")
    empty.keyboard.type(", ")
    empty.keyboard.press("Control+i")
    empty.keyboard.type("all")
    empty.keyboard.press("Control+i")
    empty.keyboard.type(" of you")

    _holds(empty, "Come **soon**, *all* of you")
    assert set(empty.evaluate("window.heard")) == {"TEXTAREA"}
    expect(empty.get_by_text("5 words")).to_be_visible()


def test_enter_starts_a_paragraph_and_shift_enter_a_line(empty: Page) -> None:
    empty.keyboard.type("One")
    empty.keyboard.press("Shift+Enter")
    empty.keyboard.type("two")
    empty.keyboard.press("Enter")
    empty.keyboard.type("three")

    _holds(empty, "One\ntwo\n\nthree")


def test_a_list_is_made_nested_and_left(empty: Page) -> None:
    empty.get_by_role("button", name="List", exact=True).click()
    empty.keyboard.type("soup")
    empty.keyboard.press("Enter")
    empty.keyboard.type("bread")
    empty.keyboard.press("Control+]")
    empty.keyboard.press("Enter")
    empty.keyboard.type("cake")
    empty.keyboard.press("Control+[")
    _holds(empty, "- soup\n  - bread\n- cake")

    empty.keyboard.press("Enter")
    empty.keyboard.press("Enter")
    empty.keyboard.type("Then home")

    _holds(empty, "- soup\n  - bread\n- cake\n\nThen home")


def test_backspace_at_its_start_takes_a_line_out_of_list_and_heading(empty: Page) -> None:
    empty.get_by_role("button", name="Numbered list").click()
    empty.keyboard.type("soup")
    _holds(empty, "1. soup")
    empty.keyboard.press("Home")
    empty.keyboard.press("Backspace")
    _holds(empty, "soup")

    empty.get_by_role("button", name="Small heading").click()
    _holds(empty, "### soup")
    empty.keyboard.press("Home")
    empty.keyboard.press("Backspace")
    _holds(empty, "soup")


def test_the_words_after_a_heading_are_a_paragraph(empty: Page) -> None:
    empty.get_by_role("button", name="Small heading").click()
    empty.keyboard.type("News")
    empty.keyboard.press("Enter")
    empty.keyboard.type("It is warm.")

    _holds(empty, "### News\n\nIt is warm.")


def test_a_link_is_made_changed_and_removed_by_keys(empty: Page) -> None:
    empty.keyboard.type("Read the report")
    for _ in "report":
        empty.keyboard.press("Shift+ArrowLeft")
    empty.keyboard.press("Control+k")
    dialog = empty.get_by_role("dialog", name="Insert a link")
    expect(dialog.get_by_label("Words")).to_have_value("report")
    dialog.get_by_label("Address").fill("https://x.example/a_b")
    empty.keyboard.press("Enter")
    _holds(empty, "Read the [report](https://x.example/a_b)")

    empty.keyboard.press("End")
    empty.keyboard.press("ArrowLeft")
    empty.keyboard.press("Control+k")
    dialog = empty.get_by_role("dialog", name="Change the link")
    dialog.get_by_label("Words").fill("whole report")
    dialog.get_by_role("button", name="Keep").click()
    _holds(empty, "Read the [whole report](https://x.example/a_b)")

    empty.keyboard.press("ArrowLeft")
    empty.keyboard.press("Control+k")
    empty.get_by_role("button", name="Remove the link").click()
    _holds(empty, "Read the whole report")


def test_escape_in_the_link_form_gives_back_the_place(empty: Page) -> None:
    empty.keyboard.type("Hello")
    empty.keyboard.press("Control+k")
    empty.get_by_role("dialog").wait_for()
    empty.keyboard.press("Escape")

    expect(empty.get_by_role("dialog")).to_have_count(0)
    expect(empty.get_by_role("textbox", name="Text", exact=True)).to_be_focused()
    empty.keyboard.type(" you")
    _holds(empty, "Hello you")


def test_undo_is_the_fields_own(empty: Page) -> None:
    empty.keyboard.type("One")
    empty.keyboard.press("Control+a")
    empty.keyboard.press("Control+b")
    _holds(empty, "**One**")

    empty.keyboard.press("Control+z")
    _holds(empty, "One")


def test_a_name_is_one_thing_and_can_be_changed(empty: Page) -> None:
    empty.keyboard.type("Hello ")
    bar = empty.get_by_role("toolbar")
    bar.get_by_text("Insert a name…").click()
    bar.get_by_role("button", name="First name").click()
    empty.get_by_label("Words for people without it").fill("Dear {member}")
    empty.keyboard.press("Enter")
    empty.keyboard.type("!")
    _holds(empty, "Hello {{first_name|Dear member}}!")
    expect(empty.get_by_text("First name, or: Dear member")).to_be_visible()

    empty.get_by_text("First name, or: Dear member").click()
    empty.get_by_label("Words for people without it").fill("friend")
    empty.keyboard.press("Enter")
    _holds(empty, "Hello {{first_name|friend}}!")

    empty.keyboard.press("Backspace")
    empty.keyboard.press("Backspace")
    _holds(empty, "Hello!")


def test_a_name_goes_into_a_line_as_it_is_stored(empty: Page) -> None:
    empty.get_by_label("Line").fill("Hello , come")
    empty.evaluate("document.getElementById('line').setSelectionRange(6, 6)")
    field = empty.locator(".field", has=empty.get_by_label("Line"))
    field.get_by_text("Insert a name…").click()
    field.get_by_role("button", name="Organisation").click()
    empty.get_by_label("Words for people without it").fill("friends")
    empty.keyboard.press("Enter")

    expect(empty.get_by_label("Line")).to_have_value("Hello {{organisation|friends}}, come")


def test_a_typed_name_is_read_as_one(empty: Page) -> None:
    empty.keyboard.type("Hello {{first_name|friend}} there")

    _holds(empty, "Hello {{first_name|friend}} there")
    expect(empty.get_by_text("First name, or: friend")).to_be_visible()


def test_the_toolbar_is_one_stop_and_says_what_is_pressed(browser: Browser) -> None:
    for page in _editing(browser, "**Bold** words"):
        page.keyboard.press("Control+Home")
        page.keyboard.press("ArrowRight")
        bold = page.get_by_role("button", name="Bold")
        expect(bold).to_have_attribute("aria-pressed", "true")

        bold.focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("button", name="Italic")).to_be_focused()
        page.keyboard.press("End")
        expect(page.get_by_role("toolbar").get_by_text("Insert a name…")).to_be_focused()
        page.keyboard.press("Home")
        page.keyboard.press("Tab")
        expect(page.get_by_role("textbox", name="Text", exact=True)).to_be_focused()


def test_it_is_named_and_described_as_the_field_was(browser: Browser) -> None:
    for page in _editing(browser, "Hello"):
        box = page.get_by_role("textbox", name="Text", exact=True)
        expect(box).to_have_accessible_description("Write more. Be kind. 1 word")
        page.get_by_text("Text", exact=True).click()
        expect(box).to_be_focused()

        problems = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert not [(each["id"], each["nodes"][0]["html"]) for each in problems]


def test_a_field_that_cannot_be_changed_only_shows(browser: Browser) -> None:
    for page in _editing(browser, "Hello **you**", "readonly"):
        page.keyboard.type("no")

        _holds(page, "Hello **you**")
        expect(page.locator("strong")).to_have_text("you")
        expect(page.get_by_role("toolbar")).to_have_count(0)


def test_text_in_another_spelling_stays_in_its_field(browser: Browser) -> None:
    with page_with(browser, _body("* one\n+ two"), _MODULE) as page:
        page.get_by_text("Insert a name…").wait_for()

        assert page.locator(".editor").count() == 0
        expect(page.locator("textarea")).to_be_visible()


def test_words_put_into_the_field_are_shown_on_refresh(empty: Page) -> None:
    empty.evaluate("""() => {
      const area = document.querySelector("textarea");
      area.value = "### New\\n\\n- *list*";
      area.dispatchEvent(new Event("refresh"));
    }""")

    expect(empty.locator(".editor h3")).to_have_text("New")
    expect(empty.locator(".editor li em")).to_have_text("list")
