"""The mail in a real browser: wide, narrow and at 200 %, light and dark."""

from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from mailer.composition.composer import Composer
from tests.mailer.composition.letters import TOKENS, alice, december_letter, letter
from tests.mailer.composition.reading import html_of
from tests.mailer.composition.samples import PICTURE, SIZE, sample_document

pytestmark = pytest.mark.browser

DECEMBER: Final = Composer(december_letter(), tokens=TOKENS)
# What a mail doesn't need: it is part of somebody else's page.
RULES: Final = {name: {"enabled": False} for name in ("region", "landmark-one-main", "bypass")}


def shown(
    browser: Browser, html: str, width: int, scheme: Literal["light", "dark"] = "light"
) -> Page:
    page = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ).new_page()
    page.route("http*://**", lambda route: route.abort())  # nothing is asked of anybody
    page.set_content(html)
    return page


def every_block(language: str) -> str:
    made = letter(sample_document(language), pictures={PICTURE: SIZE})
    return Composer(made, tokens=TOKENS, draft=True).html(alice())


@pytest.mark.parametrize("width", [640, 375, 320, 187])
@pytest.mark.parametrize("language", ["", "ar"])
def test_nothing_has_to_be_scrolled_sideways(browser: Browser, width: int, language: str) -> None:
    page = shown(browser, every_block(language), width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("width", [640, 320])
def test_counted_and_uncounted_copies_are_equally_high(browser: Browser, width: int) -> None:
    heights = []
    for counted in (True, False):
        html = html_of(DECEMBER.compose(alice(counted=counted)).content)
        page = shown(browser, html, width)
        heights.append(page.evaluate("document.documentElement.scrollHeight"))
        page.context.close()

    assert heights[0] == heights[1] > 5_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [640, 320])
def test_axe_finds_nothing(browser: Browser, width: int, scheme: Literal["light", "dark"]) -> None:
    for html in (DECEMBER.html(alice()), *map(every_block, ("", "cy", "ar"))):
        page = shown(browser, html, width, scheme)

        found = Axe().run(page, options={"rules": RULES})

        assert found.response["violations"] == []
        page.context.close()


def test_standing_links_and_buttons_can_be_hit(browser: Browser) -> None:
    page = shown(browser, every_block(""), 320)

    small = page.eval_on_selector_all(
        "a",
        """links => links
            .filter(link => !link.closest('p') || link.closest('p').textContent.trim()
                === link.textContent.trim())
            .filter(link => link.getBoundingClientRect().height < 24)
            .map(link => link.textContent)""",
    )
    low = page.eval_on_selector_all(
        "a.btn, td.opt a", "all => all.filter(one => one.offsetHeight < 44).length"
    )

    assert small == []
    assert low == 0
    page.context.close()
