"""Blocks to HTML, once for each set of blocks that anybody sees.

Templates of ours say how each block looks; put into the frame that the compiler makes, inlined and
filled, the design still holds its merge fields, links and automatic parts, so that one design
serves every way of sending.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailer.authoring.brand import Brand, palette
from mailer.authoring.text.languages import ENGLISH, direction
from mailer.composition.arranging import Issue
from mailer.composition.html.buttons import drawn
from mailer.composition.html.placeholders import Placeholders
from mailer.composition.html.sheets import Sheets, sheets
from mailer.composition.html.showing import view
from mailer.composition.letter import Letter, SystemMailText
from mailer.composition.opening import opening
from mailer.composition.parts import Automatic, Placed

_TEMPLATES: Final = Path(__file__).parents[3] / "templates" / "email"
_ADDRESS: Final = re.compile(r"https?://\S+")  # of a page, as the last word of a closing
# A list that nothing follows in its block or column, which then has no room below.
_LAST_LIST: Final = re.compile(
    r'<td class="l">((?:(?!<td class="l">).)*?</[uo]l></td></tr></table>\s*</(?:td|div)>)',
    re.DOTALL,
)
_CHAPTER: Final = 4  # as many rows at most: classic Outlook cuts a cell that is taller than a page
_PREVIEW: Final = 110  # characters that mail programs show beside the subject
_FILLER: Final = "\u034f\u200c\xa0"  # one column that nobody sees
_GAP: Final = '<tr><td class="gap" height="32">&nbsp;</td></tr>'

_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def design_html(letter: Letter, issue: Issue) -> list[Placed]:
    """The HTML part of an issue."""
    placeholders = Placeholders()
    views = [view(letter, issue, block, placeholders) for block in issue.blocks]
    views[1]["after_band"] = True
    views[-1] |= {
        "unsubscribe": placeholders.of(Automatic.UNSUBSCRIBE),
        "preferences": placeholders.of(Automatic.PREFERENCES),
        "pixel": placeholders.of(Automatic.PIXEL),
    }
    rows = [_rows(each, letter.brand) for each in views]
    heights = [block.height() for block in issue.blocks]
    chapters = _chapters(rows[:-1], heights[:-1])
    chapters[-1] += _GAP
    source = _put_together(
        _frame(letter.brand.accent, letter.brand.face, issue.language, len(chapters), foot=True),
        title=placeholders.line(letter.subject),
        preview=_preview(letter, issue, placeholders),
        chapters=chapters,
        foot=rows[-1],
    )
    aside = direction(issue.language) == "rtl" or 'dir="rtl"' in source
    return placeholders.fill(_inlined(source, letter.brand.accent, letter.brand.face, aside))


def design_system_mail(notice: SystemMailText) -> list[Placed]:
    """The HTML part of a system mail."""
    placeholders, brand = Placeholders(), Brand()
    closing, _, last = notice.closing.rpartition(" ")
    if not _ADDRESS.fullmatch(last):
        closing, last = notice.closing, ""
    subject = placeholders.words(notice.subject)
    rows = _ENVIRONMENT.select_template(_layouts_of(notice.template)).render(
        palette=palette(brand.accent),
        subject=subject,
        paragraphs=[placeholders.words(paragraph) for paragraph in notice.paragraphs],
        words=placeholders.words(notice.button_words),
        drawn=drawn(notice.button_words),
        url=placeholders.words(notice.button_url),
        closing=placeholders.words(closing),
        closing_url=placeholders.words(last),
    )
    frame = _frame(brand.accent, brand.face, ENGLISH, 1, foot=False)
    source = _put_together(frame, title=subject, preview="", chapters=[rows], foot="")
    return placeholders.fill(_inlined(source, brand.accent, brand.face, False))


def _layouts_of(template: str) -> list[str]:
    # A mail may wait while an update removes its template.
    return [f"{template}/mail.mjml", "system_mail.mjml"] if template else ["system_mail.mjml"]


def _rows(block: dict[str, object], brand: Brand) -> str:
    template = _ENVIRONMENT.get_template(f"blocks/{block['type']}.mjml")
    rows = template.render(block=block, palette=palette(brand.accent))
    return _LAST_LIST.sub(r'<td class="l end">\1', rows)


def _chapters(rows: Sequence[str], heights: Sequence[int]) -> list[str]:
    """Three or four blocks in each: a section for every block would be a third of the mail."""
    chapters, filled = [""], 0
    for row, height in zip(rows, heights, strict=True):
        if filled and filled + height > _CHAPTER:
            chapters.append("")
            filled = 0
        chapters[-1] += row
        filled += height
    return chapters


def _preview(letter: Letter, issue: Issue, placeholders: Placeholders) -> str:
    """What stands beside the subject; behind short words would be those of the masthead."""
    if not letter.preview_text:
        first = opening(issue.blocks)
        return placeholders.of(*first) if first else ""
    filler = _FILLER * max(0, _PREVIEW - len(letter.preview_text))
    return placeholders.line(letter.preview_text) + placeholders.of(filler)


@lru_cache(maxsize=64)
def _frame(accent: str, face: str, language: str, chapters: int, *, foot: bool) -> str:
    """The HTML around so many chapters, with a mark in the place of each part of it."""
    source = _ENVIRONMENT.get_template("layout.mjml").render(
        lang=language,
        dir=direction(language),
        sheets=sheets(accent, face),
        title=_mark("title"),
        preview=_mark("preview"),
        chapters=[_mark(str(number)) for number in range(chapters)],
        foot=_mark("foot") if foot else "",
    )
    # The compiler and the inliner take long to import, and only a design needs them.
    from mailer.composition.html.mjml import compile_mjml  # noqa: PLC0415

    return compile_mjml(source)


def _put_together(
    frame: str, *, title: str, preview: str, chapters: Sequence[str], foot: str
) -> str:
    hidden = _ENVIRONMENT.get_template("preview.mjml").render(preview=preview) if preview else ""
    parts = {"title": title, "preview": hidden, "foot": foot}
    for name, part in (*parts.items(), *((str(n), part) for n, part in enumerate(chapters))):
        frame = frame.replace(_mark(name), part)
    return frame


def _mark(name: str) -> str:
    return f"mk-{name}-mk"


@lru_cache(maxsize=32)
def _inlined(source: str, accent: str, face: str, aside: bool) -> str:
    """The HTML with its styles in its elements.

    While an author only changes text, the source is the same and comes from the cache.
    """
    found: Sheets = sheets(accent, face)
    from mailer.composition.html.inlining import inline  # noqa: PLC0415

    return inline(source, found.inlined if aside else found.inlined[:1])
