"""What goes into the composer and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from mailer.authoring.blocks.base import MemberCount
from mailer.authoring.brand import Brand
from mailer.authoring.document import Document
from mailer.authoring.text.languages import ENGLISH
from mailer.authoring.text.merging import MergeField
from mailer.clock import UK, wall_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Everything about one campaign that all its copies share.

    ``date`` is aware and becomes the Date header of every copy; ``public_url`` has no slash at its
    end; ``return_domain`` is the domain of the return path; ``links`` maps a URL to its number in
    the campaign's own table of links. The organisation is for the automatic footer. ``language`` is
    that of an issue which names none; ``pictures`` are the sizes of those that are known, by their
    address, in pixels; ``online`` lets each copy name the page that shows it; ``zone`` is the time
    zone of the network; ``calendar`` is where the files of its events are: the composer says it.
    """

    campaign_id: int
    newsletter: str
    newsletter_name: str
    sender_name: str
    sender_address: str
    reply_to: str | None
    subject: str
    preview_text: str
    document: Document
    date: datetime
    public_url: str
    return_domain: str
    organisation_name: str = ""
    postal_address: str = ""
    links: Mapping[str, int] = field(default_factory=dict)
    brand: Brand = field(default_factory=Brand)
    language: str = ENGLISH
    pictures: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    online: bool = False
    figures: tuple[MemberCount, ...] = ()
    unseen_link: bool = False
    zone: str = UK
    calendar: str = ""

    @property
    def local_date(self) -> datetime:
        """``date`` as the network's clocks show it."""
        return wall_of(self.date, self.zone)


class Recipient(NamedTuple):
    """One person a copy goes to. A tuple, because there are a million of them.

    ``category`` is the slug that decides which blocks they see, or ""; ``counted`` says that they
    agreed to opens and clicks being counted.
    """

    delivery_id: int
    address: str
    first_name: str = ""
    last_name: str = ""
    name: str = ""
    organisation: str = ""
    category: str = ""
    category_name: str = ""
    counted: bool = False


def attribute_of(field: MergeField) -> str:
    """Which of a recipient's attributes fills a merge field: people read a category's name."""
    return "category_name" if field.name == "category" else field.name


class Message(NamedTuple):
    """One copy: RFC 5322 text with CRLF only and seven bits only, and its envelope."""

    delivery_id: int
    return_path: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SystemMailText:
    """What a system mail says. Its words are plain text: they have no merge fields."""

    subject: str
    paragraphs: tuple[str, ...]
    button_words: str
    button_url: str
    closing: str = ""
    template: str = ""  # the folder of its layout; without one all look alike
