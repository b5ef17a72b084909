"""Blocks to HTML, once for each set of blocks that anybody sees.

Templates of ours say how each block looks in MJML; compiled, inlined and filled, the design still
holds its merge fields, links and automatic parts, so that one design serves every way of sending.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.text import markdown
from mailer.authoring.text.merging import MergeField
from mailer.authoring.text.urls import wrong_with
from mailer.composition.html.inlining import inline
from mailer.composition.html.mjml import compile_mjml
from mailer.composition.html.placeholders import Placeholders
from mailer.composition.letter import Letter, SystemMailText
from mailer.composition.parts import AuthorLink, Automatic, Placed, Words

_TEMPLATES: Final = Path(__file__).parents[3] / "templates" / "email"
_SHEETS: Final = ("brand.css", "dark.css")
_ADDRESS: Final = re.compile(r"https?://\S+")  # of a page, as the last word of a closing
_TAGS: Final = {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "br"}
_ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}}

_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def design_html(letter: Letter, blocks: Sequence[Block]) -> list[Placed]:
    """The HTML part of these blocks, of which the first is a masthead and the last a footer."""
    placeholders = Placeholders()
    source = _ENVIRONMENT.get_template("layout.mjml").render(
        subject=placeholders.line(letter.subject),
        preview=placeholders.line(letter.preview_text),
        blocks=[_view(block, placeholders) for block in blocks],
        unsubscribe=placeholders.of(Automatic.UNSUBSCRIBE),
        preferences=placeholders.of(Automatic.PREFERENCES),
        pixel=placeholders.of(Automatic.PIXEL),
        # Behind a short preview text mail programs would show the first words of the letter.
        filler=placeholders.of("&#847;&zwnj;&nbsp;" * max(0, 120 - len(letter.preview_text))),
    )
    return placeholders.fill(_compiled(source))


def design_system_mail(notice: SystemMailText) -> list[Placed]:
    """The HTML part of a system mail."""
    placeholders = Placeholders()
    closing, _, last = notice.closing.rpartition(" ")
    if not _ADDRESS.fullmatch(last):
        closing, last = notice.closing, ""
    source = _ENVIRONMENT.select_template(_layouts_of(notice.template)).render(
        subject=placeholders.words(notice.subject),
        paragraphs=[placeholders.words(paragraph) for paragraph in notice.paragraphs],
        words=placeholders.words(notice.button_words),
        width=button_width(notice.button_words),
        url=placeholders.words(notice.button_url),
        closing=placeholders.words(closing),
        closing_url=placeholders.words(last),
    )
    return placeholders.fill(_compiled(source))


def _layouts_of(template: str) -> list[str]:
    # A mail may wait while an update removes its template.
    return [f"{template}/mail.mjml", "system_mail.mjml"] if template else ["system_mail.mjml"]


@lru_cache(maxsize=32)
def _compiled(source: str) -> str:
    """The HTML of a source with marks for all text.

    While an author only changes text, the source is the same and comes from the cache.
    """
    sheets = [(_TEMPLATES / name).read_text(encoding="utf-8") for name in _SHEETS]
    return inline(compile_mjml(source), sheets)


def button_width(text: str) -> int:
    """Pixels for the drawn button of classic Outlook, which cannot measure its words."""
    return 44 + sum(
        13 if char in "MWmw@%" else 6 if char in "iIjlt.,:;'! " else 10 for char in text
    )


class _Part:
    """The HTML part as blocks see it: marks for words and addresses."""

    def __init__(self, placeholders: Placeholders) -> None:
        self.line = placeholders.line
        self.words = placeholders.words
        self.button_width = button_width
        self._placeholders = placeholders

    def link(self, url: str) -> str:
        return self._placeholders.of(AuthorLink(url))


def _view(block: Block, placeholders: Placeholders) -> dict[str, object]:
    """What a block's template may use: marks for words and addresses, plain values for choices."""
    fields = BLOCK_TYPES[block.type].fields
    return {
        "type": block.type,
        "rule_below": block.rule_below,
        **_shown(block, fields, placeholders, block.markdown_heading()),
    }


def _shown(
    thing: Block | Item, fields: Sequence[Field], placeholders: Placeholders, heading: int
) -> dict[str, object]:
    values = {
        each.name: _value(getattr(thing, each.name), each, placeholders, heading) for each in fields
    }
    return {**values, **thing.view(_Part(placeholders))}


def _value(value: object, field: Field, placeholders: Placeholders, heading: int) -> object:
    if isinstance(value, tuple):
        return [_shown(each, field.parts, placeholders, heading) for each in value]
    if not isinstance(value, str) or field.kind is FieldKind.CHOICE:
        return value
    if field.kind is FieldKind.MARKDOWN:
        return rich_html(value, placeholders, heading=heading)
    if field.kind is FieldKind.URL:
        if not value or wrong_with(value, field.schemes):
            return ""
        return placeholders.of(Words(value) if field.picture else AuthorLink(value))
    return placeholders.line(value)


def rich_html(text: str, placeholders: Placeholders, *, heading: int) -> Markup:
    """Markdown-lite as HTML, its words and addresses as marks; ``heading`` is a heading's level."""
    html: list[str] = []
    for event in markdown.events(text):
        match event:
            case markdown.Open(tag="a", url=url):
                html.append(f'<a href="{placeholders.of(AuthorLink(url))}">')
            case markdown.Open(tag="ol", start=start) if start != 1:
                html.append(f'<ol start="{start}">')
            case markdown.Open(tag="p", tight=True) | markdown.Close(tag="p", tight=True):
                pass
            case markdown.Open(tag=tag):
                html.append(f"<{_named(tag, heading)}>")
            case markdown.Close(tag=tag):
                html.append(f"</{_named(tag, heading)}>")
            case markdown.Break():
                html.append("<br>")
            case MergeField():
                html.append(placeholders.of(event))
            case str():
                html.append(placeholders.of(Words(event)))
    # Only the tags above can be in it; the sanitiser makes sure of that.
    clean = nh3.clean("".join(html), tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None)
    return Markup(clean)  # noqa: S704 - our own tags around marks


def _named(tag: str, heading: int) -> str:
    return f"h{heading}" if tag == "h" else tag
