"""An issue as somebody would get it: the real mail of a draft, for a reader of a category."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Category
from mailer.bootstrap import Mailer
from mailer.campaigns.letters import draft_letter
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.models import Campaign

_READER: Final = Recipient(
    delivery_id=0,
    address="reader@example.org",
    first_name="Amina",
    last_name="Yusuf",
    name="Amina Yusuf",
    organisation="Northhaven City Council",
)


def preview(
    session: Session, mailer: Mailer, issue: Campaign, *, category: str, as_text: bool = False
) -> str:
    """The HTML part, or the text part, that an invented reader of a category would get.

    ``category`` is its slug; whatever is none is a reader without one. What cannot be read yet in
    an unfinished issue is left out.
    """
    letter = draft_letter(session, issue, settings=mailer.settings, finished=False)
    composer = Composer(letter, tokens=mailer.tokens, draft=True)
    name = session.scalar(select(Category.name).where(Category.slug == category))
    reader = _READER._replace(category=category, category_name=name) if name else _READER
    return composer.text(reader) if as_text else composer.html(reader)
