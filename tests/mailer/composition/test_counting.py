"""Opens and clicks are counted for those who agreed, and for nobody else."""

import re

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from mailer.composition.links import links_of
from mailer.security.tokens import Purpose
from tests.mailer.composition.letters import (
    PICTURES_AT,
    TOKENS,
    alice,
    bob,
    composed,
    december_letter,
    letter,
    text_document,
)
from tests.mailer.composition.reading import html_of, soup, text_of

DECEMBER = Composer(december_letter(), tokens=TOKENS)
TRACK = TOKENS.seal(Purpose.TRACK, 4711, 12)


def hrefs(html: str) -> list[str]:
    return [str(link["href"]) for link in soup(html).find_all("a")]


def test_who_agreed_gets_numbered_links_and_one_pixel() -> None:
    content = DECEMBER.compose(alice()).content

    html = html_of(content)

    pixel = (
        f'<img alt="" width="1" height="1" src="https://news.coopcouncils.example/o/{TRACK}.gif" '
        'style="display:block">'
    )
    assert html.count(pixel) == 1
    numbers = {int(n) for n in re.findall(rf"/c/{TRACK}/([0-9]+)", html)}
    assert numbers == {ref.number for ref in links_of(december_letter().document)}
    assert set(re.findall(rf"/c/{TRACK}/([0-9]+)", text_of(content))) == {str(n) for n in numbers}


def test_who_did_not_agree_gets_the_plain_addresses_and_no_trace_of_counting() -> None:
    content = DECEMBER.compose(alice(counted=False)).content

    for part in (html_of(content), text_of(content)):
        assert "/c/" not in part
        assert "/o/" not in part
        assert TRACK not in part
        assert "https://www.aldmor.example/retrofit/toolkit" in part
    pictures = [str(picture["src"]) for picture in soup(html_of(content)).find_all("img")]
    assert all(picture.startswith(PICTURES_AT) for picture in pictures)


def test_a_preview_counts_nothing_even_for_those_who_agreed() -> None:
    for part in (DECEMBER.html(alice()), DECEMBER.text(alice())):
        assert "/c/" not in part
        assert "/o/" not in part
        assert TOKENS.seal(Purpose.CHOICES, 4711) not in part
        assert "Dear Alice" in part


def test_mail_telephone_and_own_links_are_never_counted() -> None:
    html = html_of(DECEMBER.compose(alice()).content)

    found = hrefs(html)

    choices = TOKENS.seal(Purpose.CHOICES, 4711)
    assert "mailto:labs@coopcouncils.example" in found
    assert "tel:+442079460123" in found
    assert f"https://news.coopcouncils.example/u/{choices}" in found
    assert f"https://news.coopcouncils.example/p/{choices}" in found


def test_a_link_that_is_not_in_the_campaigns_table_stays_plain() -> None:
    made = letter(text_document("[a](https://a.example) [b](https://b.example)"))

    html = html_of(composed(letter(made.document, links={"https://b.example": 9})).content)

    assert hrefs(html)[:2] == [
        "https://a.example",
        f"https://news.coopcouncils.example/c/{TRACK}/9",
    ]


def test_links_are_numbered_once_each_in_reading_order() -> None:
    document = parse(
        {
            "version": 1,
            "blocks": [
                {"type": "footer", "legal_name": "N", "postal_address": "P", "why": "W"},
                {"id": "t", "type": "text", "text": "[one](https://a.example) [x](tel:1)"},
                {
                    "id": "s",
                    "type": "story",
                    "headline": "H",
                    "text": "[two {{name|you}}](https://b.example?x=1&y=2)",
                    "link": "https://a.example",
                },
                {"id": "b", "type": "button", "words": "three", "link": "http://c.example"},
            ],
        }
    )

    found = [(ref.number, ref.url, ref.words, ref.block_id) for ref in links_of(document)]

    assert found == [
        (1, "https://a.example", "one", "t"),
        (2, "https://b.example?x=1&y=2", "two you", "s"),
        (3, "http://c.example", "three", "b"),
    ]


def test_an_address_with_an_ampersand_reaches_both_parts_whole() -> None:
    made = letter(text_document("[a](https://a.example/?x=1&y=2)"))

    content = composed(made, bob()).content

    assert hrefs(html_of(content))[0] == "https://a.example/?x=1&y=2"
    assert "https://a.example/?x=1&y=2" in text_of(content)
