"""The blocks about the membership: who has joined, and how many there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, Item, Shelf, TextPart
from mailer.authoring.blocks.fields import choice, date, items, line, markdown, picture
from mailer.authoring.text import dates
from mailer.authoring.text.markdown import links

# Shapes tell the categories apart where colours can't.
_SHOWN: Final = 4  # numbers side by side
_LARGE: Final = 5  # signs of a number that has room beside others in the largest type
_SHAPES: Final = {"full": "●", "associate": "◐", "affiliate": "○", "supporter": "◇"}


def shaped(category: str) -> str:
    """The name of a category behind its shape, if it has one."""
    first = category.split(" ", 1)[0].lower()
    return f"{_SHAPES[first]} {category}" if first in _SHAPES else category


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Item):
    """An organisation that has joined."""

    named_by: ClassVar[str] = "organisation"

    organisation: str = line("Organisation", required=True, soft_limit=60)
    category: str = line("Category", required=True, soft_limit=30, help="Associate member")
    since: str = line("Since", required=True, soft_limit=30, help="November 2026")
    text: str = markdown("About it", soft_limit=240, help="A line, and who to say hello to.")
    logo: str = picture("Logo", help="A square picture.")

    def standing(self, part: TextPart | HtmlPart, *, shapes: bool) -> str:
        """What it is, and since when."""
        category = shaped(self.category) if shapes else self.category
        return part.say("{category} since {date}", category=category, date=self.since)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"standing": part.line(self.standing(part, shapes=True))}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberWelcome(Block):
    """Who has joined since the last issue."""

    type: ClassVar[str] = "member_welcome"
    type_title: ClassVar[str] = "Member welcome"
    position: ClassVar[int] = 66
    shelf: ClassVar[Shelf] = Shelf.MEMBERS
    drawing: ClassVar[str] = "welcome"
    about: ClassVar[str] = "new members by name"
    named_by: ClassVar[str] = "heading"
    heading_level: ClassVar[int] = 4

    heading: str = line("Heading", required=True, soft_limit=70, starts_as="New members")
    layout: str = choice("Layout", ("list", "One below the other"), ("cards", "Side by side"))
    members: tuple[Member, ...] = items("Members", of=Member, noun="member", most=20, required=True)

    def listed_as(self) -> str:
        return self.heading

    def links(self) -> Iterator[tuple[str, str]]:
        for member in self.members:
            yield from links(member.text)

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        for member in self.members:
            part.above(member.organisation, member.standing(part, shapes=False))
            part.rich(member.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Item):
    """One count."""

    named_by: ClassVar[str] = "label"

    number: str = line("Number", required=True, limit=7, help="34")
    label: str = line("What is counted", required=True, soft_limit=20, help="Full")
    change: str = line("Change", soft_limit=20, help="1 more")

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"label": part.line(shaped(self.label)), "long": len(self.number) > _LARGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Block):
    """The membership in numbers: typed, or counted when the issue goes out."""

    type: ClassVar[str] = "figures"
    type_title: ClassVar[str] = "Membership figures"
    position: ClassVar[int] = 68
    shelf: ClassVar[Shelf] = Shelf.MEMBERS
    drawing: ClassVar[str] = "figures"
    about: ClassVar[str] = "members by category"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", required=True, soft_limit=70, starts_as="The network today")
    numbers: str = choice(
        "Numbers", ("counted", "Counted when it goes out"), ("typed", "As written below")
    )
    figures: tuple[Figure, ...] = items("Figures", of=Figure, noun="figure", most=_SHOWN)
    counted_on: str = date("Counted on", help="1 Dec 2026, for figures that are written below.")
    text: str = line("Sentence", soft_limit=140, help="Together we serve one resident in five.")

    @property
    def _typed(self) -> bool:
        return self.numbers == "typed"

    def listed_as(self) -> str:
        return self.heading

    def problems(self) -> Iterator[tuple[str, str]]:
        if self._typed and not self.figures:
            yield "figures", "Add at least one figure, or have them counted."
        if not self._typed and (self.figures or self.counted_on):
            yield "numbers", "Choose “As written below”, or take out the figures and their day."
        if self._typed and not self.counted_on:
            yield "counted_on", "Say on which day they were counted."

    def links(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        part.columns(
            [(each.number, each.label, each.change) for each in self.figures]
            if self._typed
            else self._counted(part, shapes=False)
        )
        part.paragraph(self._sentence(part))

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        sentence = {"sentence": part.line(self._sentence(part))}
        if self._typed:
            return sentence
        counted = self._counted(part, shapes=True)
        names = ("number", "label", "change")
        figures = [
            {**dict(zip(names, map(part.words, each), strict=True)), "long": len(each[0]) > _LARGE}
            for each in counted
        ]
        return {**sentence, "figures": figures}

    def _counted(self, part: TextPart | HtmlPart, *, shapes: bool) -> list[tuple[str, str, str]]:
        return [
            (
                f"{each.number:,}",
                shaped(each.category) if shapes else each.category,
                _changed(part, each.change),
            )
            for each in part.figures[:_SHOWN]
        ]

    def _sentence(self, part: TextPart | HtmlPart) -> str:
        day = dates.read(self.counted_on) if self._typed else dates.seen(part.at)
        if day is None:
            return self.text
        date_ = dates.date_words(day.day, part.language)
        return " ".join(filter(None, (part.say("As of {date}.", date=date_), self.text)))


def _changed(part: TextPart | HtmlPart, change: int | None) -> str:
    if change is None:
        return ""
    if change == 0:
        return part.say("no change")
    words = "{number} more" if change > 0 else "{number} fewer"
    return part.say(words, number=abs(change))
