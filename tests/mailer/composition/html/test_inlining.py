"""Styles are written into the elements, and carried no second time."""

import re
import time

import pytest

from mailer.authoring.brand import ACCENT
from mailer.composition.composer import Composer
from mailer.composition.html import design
from mailer.composition.html.inlining import inline
from mailer.composition.html.sheets import sheets
from tests.mailer.composition.letters import TOKENS, alice, december_letter
from tests.mailer.composition.reading import soup
from tests.test_architecture import ROOT

PAGE = (
    "<!doctype html><html><head><style>.kept{color:red}</style></head>"
    '<body><p class="kept dropped" style="color:#123456">One</p></body></html>'
)


def test_a_sheet_that_was_written_in_is_dropped_with_its_classes() -> None:
    page = PAGE.replace("<style>", '<style type="text/css">')

    html = inline(page, [".dropped { margin: 0 0 16px; } .other { margin: 0; }"])

    assert html.startswith("<!DOCTYPE html>")
    assert "dropped" not in html
    assert ".kept{color:red}" in html
    assert 'class="kept"' in html
    assert 'style="margin:0 0 16px;color:#123456"' in html


def test_every_rule_is_written_in_and_none_is_left_over() -> None:
    html = Composer(december_letter(), tokens=TOKENS).html(alice())

    for style in soup(html).find_all("style"):
        assert ".foot p" not in style.get_text() or "mso" in style.get_text()
    assert ":last-child" not in html
    assert "{" not in "".join(str(each["style"]) for each in soup(html).select("[style]"))


def test_a_second_mail_parses_no_style_again(monkeypatch: pytest.MonkeyPatch) -> None:
    composer = Composer(december_letter(), tokens=TOKENS)
    first = composer.html(alice())
    design._inlined.cache_clear()

    def parsed(*args: object, **more: object) -> None:
        raise AssertionError("it took two thirds of the time")

    monkeypatch.setattr("cssutils.parseStyle", parsed)
    monkeypatch.setattr("cssutils.parseString", parsed)

    assert Composer(december_letter(), tokens=TOKENS).html(alice()) == first


def test_the_sheets_are_in_the_colours_of_the_brand() -> None:
    ours, green = sheets(ACCENT, "georgia"), sheets("#1D6B34", "plain")

    for found in (ours, green):
        assert "$" not in "".join((*found.inlined, found.head, found.dark, found.mso))
    assert "#0F5E7A" in ours.inlined[0]
    assert "Georgia" in ours.inlined[0]
    assert "#1D6B34" in green.inlined[0]
    assert "#0F5E7A" not in "".join((*green.inlined, green.dark))
    assert "Georgia" not in green.inlined[0]


def test_every_class_of_a_sheet_is_used() -> None:
    found = sheets(ACCENT, "georgia")
    selectors = re.sub(r"\{[^}]*\}", "{}", "".join((*found.inlined, found.dark)))

    sources = [*(ROOT / "templates/email").rglob("*.mjml")]
    sources += (ROOT / "mailer/composition/html").glob("*.py")
    used = set(re.findall(r"[A-Za-z][\w-]*", "".join(each.read_text() for each in sources)))

    assert set(re.findall(r"\.([A-Za-z][\w-]*)", selectors)) <= used


def test_dark_rules_are_there_again_for_outlook_com() -> None:
    dark = sheets(ACCENT, "georgia").dark

    assert "[data-ogsb] .sand{background:#2F2714!important}" in dark
    assert "[data-ogsc] a,[data-ogsc] .k{color:#7CCBE6!important}" in dark


def test_styles_of_a_very_long_text_are_written_in_within_seconds() -> None:
    sheet = "p + h3 { margin: 1px } .b > p:last-child { margin: 2px } .b li p:last-child { top: 0 }"
    page = f"<!DOCTYPE html><div class=b>{'<p>News.</p>' * 30_000}<h3>End</h3><p>Last</p></div>"
    started = time.process_time()

    html = inline(page, [sheet])

    assert time.process_time() - started < 10
    assert '<h3 style="margin:1px">End</h3><p style="margin:2px">Last</p>' in html
    assert html.count("style=") == 2


@pytest.mark.parametrize(
    ("selector", "styled"),
    [
        ("p + h3", ["b", "d"]),
        ("img.i + h3", ["c"]),
        (".x > p:last-child", ["f"]),
        ("p:last-child", ["f"]),
    ],
)
def test_selectors_find_what_they_say(selector: str, styled: list[str]) -> None:
    page = (
        "<!DOCTYPE html><div class=x><p>a</p><h3>b</h3><img class=i><h3>c</h3><p>a</p><h3>d</h3>"
        "<img><h3>e</h3><p>f</p></div>"
    )

    html = inline(page, [f"{selector} {{ margin: 0 }}"])

    assert re.findall(r'style="margin:0">(\w)', html) == styled
