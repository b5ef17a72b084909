"""An issue as somebody would get it: the real mail of a draft, for a reader of a category, and the
mail that was sent, with who clicked beside its links."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape, unescape
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Category
from mailer.audience.readers import reader_at
from mailer.authoring.document import Document
from mailer.bootstrap import Mailer
from mailer.campaigns.letters import letter_of
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.models import Campaign, Version

_DARK: Final = re.compile(r"@media \(prefers-color-scheme:\s?dark\)")
# A link with all that it holds; what only some mail programs read is left as it is.
_LINK: Final = re.compile(r"<!--.*?-->|<a\b[^>]*?\shref=\"([^\"]*)\"[^>]*>.*?</a>", re.DOTALL)
_BADGE: Final = (
    ".circular-clicks{display:inline-block;margin:0 4px;padding:1px 8px;border-radius:10px;"
    "background:#ffb81c;color:#1b1300;font:bold 12px/18px Arial,sans-serif;white-space:nowrap;"
    "vertical-align:middle}"
)
_READER: Final = Recipient(
    delivery_id=0,
    address="reader@example.org",
    first_name="Amina",
    last_name="Yusuf",
    name="Amina Yusuf",
    organisation="Northhaven City Council",
)


def preview(
    session: Session,
    mailer: Mailer,
    issue: Campaign,
    *,
    category: str,
    person: str = "",
    as_text: bool = False,
    dark: bool = False,
    text: Version | None = None,
) -> str:
    """The HTML part, or the text part, that a reader would get.

    ``person`` is the address of somebody whom we know, else an invented reader of a category (its
    slug; whatever is none is a reader without one) is taken. ``text`` is a version to show instead
    of what the issue says now. ``dark`` shows what clients in dark mode show. What cannot be read
    yet in an unfinished issue is left out.
    """
    letter = letter_of(
        session, issue, text or issue, links={}, settings=mailer.settings, finished=False
    )
    composer = Composer(letter, tokens=mailer.tokens, draft=True, marked=True)
    reader = (person and reader_at(session, person)) or invented_reader(session, category)
    if as_text:
        return composer.text(reader)
    return _DARK.sub("@media all" if dark else "@media not all", composer.html(reader))


def with_clicks(
    session: Session,
    mailer: Mailer,
    issue: Campaign,
    version: Version,
    *,
    category: str | None,
    clicks: Mapping[str, str],
) -> str:
    """The HTML part of what was sent, with the words for its address behind each link.

    A category (its slug, "" for none) shows what its readers saw; None shows all that anybody did.
    """
    letter = letter_of(session, issue, version, links={}, settings=mailer.settings, finished=False)
    if category is None:
        blocks = (replace(block, visible_to=None) for block in letter.document.blocks)
        letter = replace(letter, document=Document(tuple(blocks)))
    composer = Composer(letter, tokens=mailer.tokens, draft=True)
    html = composer.html(invented_reader(session, category or ""))

    def badge(link: re.Match[str]) -> str:
        words = clicks.get(unescape(link[1] or ""))
        return (
            f'{link[0]}<span class="circular-clicks">{escape(words)}</span>' if words else link[0]
        )

    html = _DARK.sub("@media not all", _LINK.sub(badge, html))
    return html.replace("</head>", f"<style>{_BADGE}</style></head>", 1)


def invented_reader(session: Session, category: str) -> Recipient:
    """Somebody of a category, by its slug, who is nobody; of none where there is no such one."""
    name = session.scalar(select(Category.name).where(Category.slug == category))
    return _READER._replace(category=category, category_name=name) if name else _READER
