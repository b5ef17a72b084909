"""Whatever stands in the fields of an issue, pages show it as words: nothing of it is markup."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final

import pytest

from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from mailer.campaigns.drafts import versions
from mailer.models import VersionReason
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser

ISSUE: Final = "/issues/members-update/2026-12"
HOSTILE: Final = {
    "script": '"><script>window.hit=1</script><img src=x onerror=window.hit=1 data-hit="',
    "attribute": "' onmouseover=window.hit=1 autofocus onfocus=window.hit=1 data-hit='",
    "vector": "<svg/onload=window.hit=1 data-hit><hit></title></textarea></style><hit>",
    "comment": "--><!--[if mso]><hit><![endif]--><mj-raw><hit></mj-raw>]]><hit>",
    "javascript": "javascript:window.hit=1",
    "disguised": " JaVa\tScRiPt&#58;window.hit=1//https://a.example/",
    "linked": "[press](javascript:window.hit=1) ![x](data:text/html,<hit>) <javascript:hit>",
    "data": "data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGl0PTE8L3NjcmlwdD4=",
    "drawing": "https://a.example/p.svg\"onload='window.hit=1'data-hit",
    "template": "{{ 7*7 }}{% for x in y %}{{name}}{{ cycler.__init__ }}",
    "directions": "\u202egnirts \u2066a\u2067b\u2068 \u200f\u061c\u2028\u2029\ufeff",
    "broken": "half \ud83d a \udc00 pair \ufffe\uffff\x00\x01\x0b\x1b[31m\x85",
}
_ADDRESSES: Final = {
    "href",
    "src",
    "action",
    "formaction",
    "srcset",
    "background",
    "poster",
    "data",
}


def every_kind(said: str) -> list[dict[str, Any]]:
    """A block of each kind with the same words in every field that takes words."""
    made = []
    for name, kind in BLOCK_TYPES.items():
        block = {"id": f"x-{name}", "type": name, "visible_to": ["full", said[:40]], said: said}
        made.append(block | {each.name: _value(each, said) for each in kind.fields})
    made.sort(key=lambda each: (each["type"] == "footer", each["type"] != "masthead"))
    return [{key: value for key, value in each.items() if value is not None} for each in made]


def _value(field: Field, said: str) -> Any:
    if field.kind is FieldKind.ITEMS:
        return [{part.name: _value(part, said) for part in field.parts}] * max(1, field.least)
    return said if field.kind not in {FieldKind.TICK, FieldKind.CHOICE} else None


class _Reader(HTMLParser):
    """Keeps what a browser would run, or follow to something that it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in {"hit", "svg:hit", "base", "object", "embed"} or "data-hit" in named:
            self.found.append(f"<{tag}> {named}")
        if tag == "script" and not (named.get("src") or "").startswith("/static/"):
            self.found.append(f"<script> {named}")
        for name, value in attrs:
            told = "".join((value or "").split()).casefold()
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"{tag} {name}={value}")
            if name in _ADDRESSES and told.startswith(("javascript:", "data:", "vbscript:")):
                self.found.append(f"{tag} {name}={value}")


def live(html: str) -> list[str]:
    reader = _Reader()
    reader.feed(html)
    return reader.found


def pages() -> Iterator[str]:
    """Every page that shows an issue's words."""
    compose = f"{ISSUE}/compose"
    yield from (ISSUE, compose, f"{compose}?tab=preview", f"{compose}/strip", f"{compose}/checks")
    yield from (f"{compose}/preview", f"{compose}/preview?dark=yes&as=full&pictures=off")
    yield from (f"{ISSUE}/approval", f"{ISSUE}/send", f"{ISSUE}/edit", "/issues/", "/")
    versions = f"{ISSUE}/versions"
    yield from (versions, f"{versions}/1", f"{versions}/1/preview", f"{versions}/2?against=1")
    yield from (f"{compose}?open={each}" for each in ("head", *(f"x-{one}" for one in BLOCK_TYPES)))
    yield f"{compose}?add=x-story"
    yield f"{compose}?move=x-story"


@pytest.mark.parametrize("kind", ["script", "attribute", "vector", "comment"])
def test_what_is_looked_for_would_be_found(kind: str) -> None:
    assert live(f"<p title='{HOSTILE[kind]}'>{HOSTILE[kind]}</p>")
    assert live(f'<a href="{HOSTILE["javascript"]}">x</a><img src="{HOSTILE["data"]}">')


@pytest.mark.slow
@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_in_an_issue_is_markup_of_a_page(
    mailer: Mailer, cast: Cast, editor: Browser, said: str
) -> None:
    with mailer.database.writing() as session:
        a_campaign(
            session,
            cast.newsletter,
            {"version": 1, "blocks": every_kind(said)},
            slug="2026-12",
            subject=said.translate(_CONTROLS),
            preview_text=said.translate(_CONTROLS),
        )
    for _ in range(2):  # two versions that differ in every block
        with mailer.database.writing() as session:
            draft, now = editing.find(session, 1), mailer.clock()
            versions.keep(session, draft, VersionReason.TESTED, actor=TESTER, now=now)
            document = {"version": 1, "blocks": every_kind(f"{said} again")}
            editing.edit(session, 1, document=document, actor=TESTER, now=now)

    answers = {page: editor.get(page) for page in pages()}
    text = editor.get(f"{ISSUE}/compose/preview?width=text")

    assert {
        page: each.status_code for page, each in answers.items() if each.status_code != 200
    } == {}
    assert {page: found for page, each in answers.items() if (found := live(each.text))} == {}
    assert text.status_code == 200
    assert text.mimetype == "text/plain"


# A subject with characters that no line can hold is refused by every door to it.
_CONTROLS: Final = dict.fromkeys([*range(32), *range(0x7F, 0xA0), *range(0xD800, 0xE000)])


@pytest.mark.parametrize("kind", ["script", "disguised", "broken"])
def test_a_form_filled_with_it_is_kept_as_words_or_refused_with_a_sentence(
    mailer: Mailer, cast: Cast, editor: Browser, kind: str
) -> None:
    said = HOSTILE[kind]
    with mailer.database.writing() as session:
        blocks = every_kind("Fine")
        a_campaign(session, cast.newsletter, {"version": 1, "blocks": blocks}, slug="2026-12")
    sent = said.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    for block in blocks:
        names = {name: sent for name, value in block.items() if isinstance(value, str)}
        page = f"{ISSUE}/compose?open={block['id']}"
        answer = editor.submit(page, names, to=f"{ISSUE}/compose/{block['id']}")

        assert answer.status_code in {200, 400, 422}, block["type"]
        assert live(answer.text) == [], block["type"]
    assert live(editor.get(f"{ISSUE}/compose/preview").text) == []
