"""The kinds of block an author can put into a newsletter.

The order of the fields is the order in which they are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.fields import (
    Field,
    choice,
    date,
    described,
    events,
    line,
    markdown,
    picture,
    tick,
    url,
)

_MARKDOWN_HELP: Final = (
    "A blank line starts a paragraph, ### a small heading, - a list. **bold**, *italic*, "
    "[words](https://address)."
)
_ALT_HELP: Final = "What the picture shows, for people who cannot see it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What every block has. ``visible_to`` holds category slugs; None means everyone."""

    type: ClassVar[str]
    type_title: ClassVar[str]
    named_by: ClassVar[str] = ""  # the field by whose words people know one block from another

    id: str = ""
    visible_to: tuple[str, ...] | None = None

    def is_for(self, category: str) -> bool:
        """Whether somebody of this category ("" for none) sees it."""
        return self.visible_to is None or category in self.visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead(Block):
    """The band at the top, with the only main heading."""

    type: ClassVar[str] = "masthead"
    type_title: ClassVar[str] = "Masthead"
    named_by: ClassVar[str] = "title"

    title: str = line("Issue title", required=True, soft_limit=40, help="The main heading.")
    date: str = line("Issue date", required=True, help="As it is shown: December 2026.")
    strapline: str = line("Strapline", soft_limit=90)
    logo: str = picture("Logo", help="The https address of a PNG with a transparent ground.")
    logo_alt: str = line("Words for the logo", help="Empty when the title says the same.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Block):
    """Words, with a heading or without."""

    type: ClassVar[str] = "text"
    type_title: ClassVar[str] = "Text"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=70)
    text: str = markdown("Text", required=True, help=_MARKDOWN_HELP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story(Block):
    """One piece of news, with a picture and a link to the whole of it."""

    type: ClassVar[str] = "story"
    type_title: ClassVar[str] = "Story"
    named_by: ClassVar[str] = "headline"

    layout: str = choice(
        "Picture", ("top", "Above the story"), ("left", "Beside the story"), ("none", "No picture")
    )
    image: str = picture("Picture address", help="An https address.")
    image_alt: str = line("Words for the picture", soft_limit=125, help=_ALT_HELP)
    image_credit: str = line("Picture credit", soft_limit=60)
    kicker: str = line("Kicker", soft_limit=40, help="A few words above: whose story it is.")
    headline: str = line("Headline", required=True, soft_limit=70)
    text: str = markdown("Text", required=True, help=_MARKDOWN_HELP)
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="Read how Aldmor did it.")

    @property
    def words_of_link(self) -> str:
        """What the link says, also when its author said nothing."""
        return self.link_words or f"Read more: {self.headline}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button(Block):
    """One thing to do."""

    type: ClassVar[str] = "button"
    type_title: ClassVar[str] = "Button"
    named_by: ClassVar[str] = "words"

    words: str = line("Words", required=True, soft_limit=30, help="Two to five words.")
    link: str = url("Link", required=True)
    style: str = choice("Style", ("main", "Main"), ("quiet", "Quiet"))
    alignment: str = choice("Alignment", ("left", "Left"), ("center", "Centre"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Block):
    """A picture by itself."""

    type: ClassVar[str] = "image"
    type_title: ClassVar[str] = "Image"
    named_by: ClassVar[str] = "alt"

    image: str = picture("Picture address", required=True, help="An https address.")
    alt: str = line("Words for the picture", soft_limit=125, help=_ALT_HELP)
    decoration: bool = tick("This picture is decoration", help="It says nothing by itself.")
    caption: str = line("Caption", soft_limit=140)
    credit: str = line("Credit", soft_limit=60)
    link: str = url("Link")
    width: str = choice("Width", ("full", "Full"), ("half", "Half"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of an event list. Times without an offset are UK time."""

    title: str = line("Title", required=True, soft_limit=80)
    start: str = date("Starts", required=True, help="2026-12-09, or 2026-12-09T10:00.")
    end: str = date("Ends")
    place: str = line("Place", help="Or: online.")
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="Book: CWB webinar.")

    @property
    def words_of_link(self) -> str:
        """What the link says, also when its author said nothing."""
        return self.link_words or f"Find out more: {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList(Block):
    """What is coming up."""

    type: ClassVar[str] = "event_list"
    type_title: ClassVar[str] = "Event list"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", required=True, soft_limit=70)
    events: tuple[Event, ...] = events("Events", of=Event, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Divider(Block):
    """A pause between two blocks."""

    type: ClassVar[str] = "divider"
    type_title: ClassVar[str] = "Divider"

    kind: str = choice("Kind", ("line", "Line"), ("space", "Space"))
    size: str = choice("Size", ("medium", "Medium"), ("small", "Small"), ("large", "Large"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer(Block):
    """Who writes and why; the unsubscribe and preferences links join it by themselves."""

    type: ClassVar[str] = "footer"
    type_title: ClassVar[str] = "Footer"

    legal_name: str = line("Legal name", required=True)
    postal_address: str = line("Postal address", required=True)
    why: str = line("Why you get this", required=True, help="You get this because …")
    contact: str = line("Contact", help="An e-mail address or other words.")
    privacy_link: str = url("Privacy notice", help="The https address of your privacy notice.")


@dataclass(frozen=True, slots=True)
class BlockType:
    """A kind of block as a form needs to know it."""

    name: str
    title: str
    fields: tuple[Field, ...]
    only_one: bool
    block: type[Block]


_CLASSES: Final[tuple[type[Block], ...]] = (
    Masthead,
    Text,
    Story,
    Button,
    Image,
    EventList,
    Divider,
    Footer,
)

BLOCK_TYPES: Final[Mapping[str, BlockType]] = {
    each.type: BlockType(
        each.type, each.type_title, described(each), each in (Masthead, Footer), each
    )
    for each in _CLASSES
}
