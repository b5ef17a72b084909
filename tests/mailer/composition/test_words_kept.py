"""No word is ever lost: what an author may write is in the HTML and in the text, or is refused."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from mailer.errors import DocumentError
from tests.mailer.composition.letters import TOKENS, bob, letter
from tests.mailer.composition.reading import soup

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9).map(lambda word: f"w{word}")
MARKS = st.sampled_from(
    [
        *("- ", "  - ", "    - ", "      - ", "        - ", "          - ", "1. ", "> ", ">> "),
        *("### ", "**", "*", "\n", "\n\n", " ", "| ", "~~", "`", "![", "](https://a.example/x)"),
        *('](https://a.example "', '")', "[", "]", "<b>", "https://a.example/", "\\", "&amp;"),
        *("    ", "\t", "---\n", "===\n", "{{first_name|", "}}", "[x]: https://a.example\n"),
    ]
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    return "".join(draw(st.lists(WORDS | MARKS, min_size=1, max_size=40)))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(texts(), st.sampled_from(["text", "note", "story", "two_columns"]))
@settings(max_examples=150, deadline=None)
def test_every_word_that_is_taken_is_in_both_parts(text: str, kind: str) -> None:
    more: dict[str, dict[str, Any]] = {
        "text": {"text": text},
        "note": {"text": text, "visible_to": ["supporter"]},
        "story": {"headline": "H", "text": text, "layout": "none"},
        "two_columns": {"columns": [{"text": text}, {"text": "Other"}]},
    }
    try:
        document = parse({"version": 1, "blocks": [{"type": kind, **more[kind]}]})
    except DocumentError:
        return
    composer = Composer(letter(document), tokens=TOKENS)

    page = soup(composer.html(bob()))
    html = squeezed(page.get_text() + "".join(str(a["href"]) for a in page.find_all("a")))
    plain = squeezed(composer.text(bob()))

    for word in re.findall(r"w[a-z]+", text):
        assert word in html, word
        assert word in plain, word
