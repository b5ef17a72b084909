"""An issue is in a language, and a block may be in another: the mail says so everywhere."""

from typing import Any

from mailer.authoring.document import parse
from mailer.composition.letter import Letter
from tests.mailer.composition.letters import bob, composed, letter
from tests.mailer.composition.reading import html_of, parsed, soup, text_of

EVENTS = {
    "type": "event_list",
    "heading": "I ddod",
    "events": [{"title": "Gweminar", "start": "2026-12-09T10:00", "place": "Ar-lein"}],
}


def issue(written_in: str, *blocks: dict[str, Any], **changes: Any) -> Letter:
    masthead = {"type": "masthead", "title": "T", "date": "D", "language": written_in}
    return letter(parse({"version": 1, "blocks": [masthead, *blocks]}), **changes)


def test_a_welsh_issue_says_so_in_its_header_its_page_its_dates_and_its_words() -> None:
    content = composed(issue("cy", EVENTS), bob()).content

    page = soup(html_of(content))
    assert parsed(content)["Content-Language"] == "cy"
    assert [each["lang"] for each in page.select("[lang]")] == ["cy", "cy"]
    assert "Dydd Mercher 9 Rhagfyr 2026, 10:00 amser y DU" in page.get_text()
    for part in (page.get_text(), text_of(content)):
        assert "Dad-danysgrifio" in part
        assert "Unsubscribe" not in part


def test_an_issue_that_names_no_language_has_that_of_its_newsletter() -> None:
    content = composed(issue("", EVENTS, language="cy"), bob()).content

    assert parsed(content)["Content-Language"] == "cy"
    assert "Dad-danysgrifio" in text_of(content)


def test_a_block_in_another_language_says_which_and_has_its_dates_in_it() -> None:
    content = composed(issue("", {**EVENTS, "language": "cy"}), bob()).content

    page = soup(html_of(content))
    (part,) = page.select("td[lang]")
    assert (part["lang"], part["dir"]) == ("cy", "ltr")
    assert "Dydd Mercher 9 Rhagfyr 2026" in part.get_text()
    assert "Unsubscribe" in page.get_text()


def test_an_arabic_issue_is_mirrored() -> None:
    content = composed(issue("ar", {**EVENTS, "heading": "قادم"}), bob()).content

    html, page = html_of(content), soup(html_of(content))
    assert page.html is not None
    assert page.html["dir"] == "rtl"
    assert 'class="e rtl' not in html
    entry = page.select_one("td.e")
    assert entry is not None
    assert "padding:0 20px 0 0" in entry["style"]  # the tile stands at the right
    for cell in page.select("td.b"):
        assert "text-align:right" in cell["style"]


def test_a_block_written_the_other_way_has_its_own_side() -> None:
    arabic = {"type": "text", "language": "ar", "text": "مرحبا\n\n- واحد"}

    page = soup(html_of(composed(issue("", arabic), bob()).content))

    (part,) = page.select("td[lang=ar]")
    assert part["dir"] == "rtl"
    assert "text-align:right" in part["style"]
    bullets = part.select_one("td.l, td td")
    assert bullets is not None
    assert "padding:0 24px 0 0" in bullets["style"]


def test_words_that_are_not_translated_are_marked_as_english() -> None:
    page = soup(html_of(composed(issue("he", EVENTS), bob()).content))

    (link,) = [each for each in page.find_all("a") if each.get_text() == "Unsubscribe"]
    assert link.find("span", lang="en-GB", dir="ltr") is not None
