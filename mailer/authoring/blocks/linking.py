"""The blocks that lead elsewhere: to the blog and to social networks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Item, Shelf, TextPart
from mailer.authoring.blocks.fields import date, items, line, markdown, picture, url
from mailer.authoring.text import dates
from mailer.authoring.text.markdown import links


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogEntry(Item):
    """One page of the blog."""

    named_by: ClassVar[str] = "title"

    title: str = line("Title", required=True, soft_limit=80)
    link: str = url("Link", required=True)
    author: str = line("Author", soft_limit=60)
    published: str = date("Published", help="24 Nov 2026.")
    summary: str = markdown("Summary", soft_limit=180, help="A sentence.")

    def standing(self, part: TextPart | HtmlPart) -> str:
        """Who wrote it, and when."""
        day = dates.read(self.published)
        when = dates.date_words(day.day, part.language) if day else ""
        return ", ".join(filter(None, (self.author, when)))

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"standing": part.line(self.standing(part))}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogList(Block):
    """The latest from the blog."""

    type: ClassVar[str] = "blog_list"
    type_title: ClassVar[str] = "Blog list"
    position: ClassVar[int] = 74
    shelf: ClassVar[Shelf] = Shelf.LIBRARY
    drawing: ClassVar[str] = "blog"
    about: ClassVar[str] = "since the last issue"
    named_by: ClassVar[str] = "heading"
    heading_level: ClassVar[int] = 4

    heading: str = line("Heading", required=True, soft_limit=70)
    entries: tuple[BlogEntry, ...] = items(
        "Entries", of=BlogEntry, noun="entry", most=5, required=True
    )

    def listed_as(self) -> str:
        return self.heading

    def links(self) -> Iterator[tuple[str, str]]:
        for entry in self.entries:
            yield entry.link, entry.title
            yield from links(entry.summary)

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        for entry in self.entries:
            standing = entry.standing(part)
            part.above(f"{entry.title} ({standing})" if standing else entry.title)
            part.paragraph(url=entry.link)
            part.rich(entry.summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Item):
    """One place where the network is found."""

    named_by: ClassVar[str] = "words"

    words: str = line("Words", required=True, soft_limit=40, help="Network on LinkedIn")
    link: str = url("Link", required=True)
    icon: str = picture("Icon", help="A picture of 24 pixels or more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialLinks(Block):
    """Where else the network is found; with no link of its own it has those of the newsletter."""

    type: ClassVar[str] = "social_links"
    type_title: ClassVar[str] = "Social links"
    position: ClassVar[int] = 78
    shelf: ClassVar[Shelf] = Shelf.AROUND
    drawing: ClassVar[str] = "social"
    about: ClassVar[str] = "up to six"
    is_frame: ClassVar[bool] = True

    places: tuple[Place, ...] = items("Links", of=Place, noun="link", most=6)

    def links(self) -> Iterator[tuple[str, str]]:
        for place in self.places:
            yield place.link, place.words

    def write(self, part: TextPart) -> None:
        part.directory([(words, link) for words, link, _ in self._shown(part)])

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        shown = self._shown(part)
        return {
            "shown": [(part.line(w), part.link(li), part.picture(icon)) for w, li, icon in shown]
        }

    def _shown(self, part: TextPart | HtmlPart) -> list[tuple[str, str, str]]:
        if self.places:
            return [(each.words, each.link, each.icon) for each in self.places]
        return [(each.words, each.url, "") for each in part.brand.social]
