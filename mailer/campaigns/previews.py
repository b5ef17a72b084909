"""An issue as somebody would get it: the real mail of a draft, for a reader of a category."""

import re
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Category
from mailer.audience.readers import reader_at
from mailer.bootstrap import Mailer
from mailer.campaigns.letters import letter_of
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.models import Campaign, Version

_DARK: Final = re.compile(r"@media \(prefers-color-scheme:\s?dark\)")
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


def invented_reader(session: Session, category: str) -> Recipient:
    """Somebody of a category, by its slug, who is nobody; of none where there is no such one."""
    name = session.scalar(select(Category.name).where(Category.slug == category))
    return _READER._replace(category=category, category_name=name) if name else _READER
