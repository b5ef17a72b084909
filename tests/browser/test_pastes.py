"""What people paste is cleaned to what rich text can hold, and none of its words are lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.editing import page_with

pytestmark = pytest.mark.browser

_PASTES: Final = Path(__file__).parent / "pastes"
_BODY: Final = "<main><label for=text>Text</label><textarea id=text data-rich></textarea></main>"
_PASTE: Final = """([html, text]) => {
  const clipboardData = new DataTransfer();
  if (html) clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector("[role=textbox]").dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Page]:
    with page_with(browser, _BODY, 'import "/static/js/circular.js";') as page:
        yield page


@pytest.fixture
def page(shared: Page) -> Page:
    """An empty editor with the caret in it."""
    shared.locator("[role=textbox]").click()
    shared.keyboard.press("Control+a")
    shared.keyboard.press("Delete")
    shared.evaluate("""() => {
      const area = document.querySelector("textarea");
      area.value = "";
      area.dispatchEvent(new Event("refresh"));
    }""")
    shared.locator("[role=textbox]").click()
    return shared


def _paste(page: Page, html: str, text: str = "") -> str:
    page.evaluate(_PASTE, [html, text])
    return str(page.evaluate("document.querySelector('textarea').value"))


@pytest.mark.parametrize("name", ["word", "outlook", "docs", "excel", "web"])
def test_a_paste_keeps_its_words_lists_and_links(page: Page, name: str) -> None:
    pasted = _paste(page, (_PASTES / f"{name}.html").read_text())

    assert pasted == (_PASTES / f"{name}.md").read_text().strip()


def test_pictures_are_left_out_and_somebody_is_told(page: Page) -> None:
    pasted = _paste(page, '<p>Here <img src="https://x.example/a.png"> it is</p>')

    assert pasted.split() == ["Here", "it", "is"]
    expect(page.get_by_role("status")).to_have_text("Pictures go into a picture field.")


def test_plain_text_keeps_its_paragraphs_lines_and_signs(page: Page) -> None:
    pasted = _paste(page, "", "One *star*\r\ntwo\r\n\r\n1. three\n\n• soup\n• bread")

    assert pasted == "One \\*star\\*\ntwo\n\n1\\. three\n\n- soup\n- bread"


def test_a_paste_within_a_line_stays_in_it(page: Page) -> None:
    page.keyboard.type("Come  soon")
    for _ in " soon":
        page.keyboard.press("ArrowLeft")

    assert _paste(page, "<p>very <b>very</b></p>") == "Come very **very** soon"


def test_an_address_pasted_onto_words_makes_them_a_link(page: Page) -> None:
    page.keyboard.type("report")
    page.keyboard.press("Control+a")

    assert _paste(page, "", "https://x.example/") == "[report](https://x.example/)"


def test_a_huge_paste_is_not_taken_and_says_so(page: Page) -> None:
    assert _paste(page, "", "a " * 50_001) == ""
    expect(page.get_by_role("status")).to_contain_text("Paste it in parts")


def test_a_paste_can_be_undone(page: Page) -> None:
    page.keyboard.type("Before")
    _paste(page, "<ul><li>soup</li></ul>")
    page.keyboard.press("Control+z")

    expect(page.locator("textarea")).to_have_value("Before")
