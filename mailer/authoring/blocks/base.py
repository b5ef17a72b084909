"""The base of all blocks, and what the two parts of a mail offer to a block.

A kind of block is one module of this folder: its fields, its checks, its links, its text form and
what its MJML template (``templates/email/blocks/<type>.mjml``) is given. Nothing else names it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import ClassVar, Final, Protocol, Self

from mailer.authoring.blocks.fields import choice, tick
from mailer.authoring.brand import Brand
from mailer.authoring.text.languages import LANGUAGES

LEAVE_OUT: Final = "leave out"
MUST_WRITE: Final = "must write"
LONGEST_NOTE: Final = 500  # characters


class Shelf(StrEnum):
    """Where an author finds a kind of block: the headings of the palette, in order."""

    WORDS = "Words and pictures"
    LIBRARY = "From the network"
    MEMBERS = "Members"
    AROUND = "Around it"


@dataclass(frozen=True, slots=True)
class MemberCount:
    """How many members a category has, and how many more than at the last issue."""

    category: str
    number: int
    change: int | None


class Part(Protocol):
    """What both parts of a mail know. ``at`` is when it goes out, in ``zone``, the network's;
    ``contents`` are the headings of the other blocks, each with the block's id; ``calendar`` is the
    address of the files of its events; ``figures`` are those of the membership as it goes out."""

    at: datetime
    zone: tzinfo
    language: str
    brand: Brand
    calendar: str
    contents: Sequence[tuple[str, str]]
    figures: Sequence[MemberCount]

    def say(self, sentence: str, **values: object) -> str:
        """A sentence of the mail's own, in the block's language."""


class TextPart(Part, Protocol):
    """The text part, as a block writes to it. Texts may hold merge fields."""

    def heading(self, text: str, rule: str = "-") -> None:
        """A heading underlined with ``rule``; nothing for no text."""

    def paragraph(
        self, *texts: str, link_text: str = "", url: str = "", also: tuple[str, str] = ("", "")
    ) -> None:
        """Each text on lines of its own, and behind them a link, if there is an address, and
        another."""

    def titled(self, *texts: str) -> None:
        """Each text on lines of its own, and behind them where the whole issue is on the web."""

    def above(self, *texts: str) -> None:
        """Each text on lines of its own, right above what is written next."""

    def directory(self, links: Sequence[tuple[str, str]]) -> None:
        """Words and addresses one below the other; those without an address are left out."""

    def rich(self, text: str) -> None:
        """Markdown-lite."""

    def quote(self, text: str) -> None:
        """Somebody's words, indented."""

    def entries(self, texts: Sequence[str]) -> None:
        """A list with a bullet before each."""

    def columns(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows of short texts that stand below each other; the first column is of numbers."""

    def answers(self, block_id: str, texts: Sequence[str]) -> None:
        """Numbered answers, each with the address that gives it."""

    def rule(self) -> None:
        """A line across the page."""

    def ways_out(self) -> None:
        """The links to unsubscribe and to the preferences."""


class HtmlPart(Part, Protocol):
    """The HTML part, as a block is shown in it: each method gives what stands for it in MJML."""

    def line(self, text: str) -> str:
        """A line with merge fields."""

    def words(self, text: str) -> str:
        """A line in which two brackets are no merge field."""

    def link(self, url: str) -> str:
        """An address that a link goes to; "" for none."""

    def view_online(self) -> str:
        """The address of the whole issue on the web; "" for none."""

    def picture(self, url: str) -> object:
        """A picture as the templates' macros take it; "" for none."""

    def rich(self, text: str, *, heading: int) -> str:
        """Markdown-lite, its small headings at this level."""

    def answer(self, block_id: str, number: int) -> str:
        """The address that gives an answer."""

    def drawn(self, text: str) -> str:
        """The size of the button that is drawn for classic Outlook, which can't measure its words,
        as a style."""


class _Shown:
    """What blocks and the items of their lists have in common."""

    __slots__ = ()

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong beyond its single fields: the field at fault and a sentence."""
        return iter(())

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        """What its template is given beside its fields, or in place of them."""
        del part
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(_Shown):
    """One entry of a list within a block, with fields of its own."""

    named_by: ClassVar[str]  # the field by whose text people know one item from another

    source: str = ""  # of the library it came from: see ``sources``


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(_Shown, ABC):
    """What every block has. ``visible_to`` holds category slugs; None means everyone.

    ``note`` is for those who write the issue, and in no mail. The others come from a template:
    ``locked`` blocks stay as they are, ``if_unwritten`` is what becomes of one that nobody writes
    ("" as of any other, else ``LEAVE_OUT`` or ``MUST_WRITE``), and ``began_as`` is the revision of
    what the template said there.
    """

    type: ClassVar[str]
    type_title: ClassVar[str]
    position: ClassVar[int]  # among the kinds, where an author chooses one
    shelf: ClassVar[Shelf]
    drawing: ClassVar[str]  # k-… of static/icons.svg
    about: ClassVar[str]  # a few words, where an author chooses one
    named_by: ClassVar[str] = ""  # the field by whose text people know one block from another
    only_one: ClassVar[bool] = False  # in a document
    pinned: ClassVar[str] = ""  # where in a document it stands and stays: first or last
    is_frame: ClassVar[bool] = False  # it says nothing by itself: an issue needs something else
    heading_level: ClassVar[int] = 3  # of the small headings in its Markdown

    id: str = ""
    source: str = ""  # of the library it came from: see ``sources``
    visible_to: tuple[str, ...] | None = None
    note: str = ""
    locked: bool = False
    if_unwritten: str = ""
    began_as: str = ""
    language: str = choice("Language", ("", "That of the issue"), *LANGUAGES.items(), shared=True)
    unlisted: bool = tick("Leave it out of “In this issue”", shared=True)

    def is_for(self, category: str) -> bool:
        """Whether somebody of this category ("" for none) sees it."""
        return self.visible_to is None or category in self.visible_to

    def as_of(self, at: datetime) -> Self | None:
        """The block as it goes out at this time of the network's zone; None if nothing is left."""
        del at
        return self

    def problems_at(self, at: datetime) -> Iterator[tuple[str, str]]:
        """What is wrong with sending it at this time of the network's zone: the field at fault and
        a sentence."""
        del at
        return iter(())

    def markdown_heading(self) -> int:
        """The level that a small heading in its Markdown has in the HTML part."""
        return self.heading_level

    def height(self) -> int:
        """How tall it is, roughly, where a paragraph or two is 1."""
        return 1

    def listed_as(self) -> str:
        """What the contents of the issue call it; "" when they don't."""
        return ""

    def calls_for_action(self) -> bool:
        """Whether it would have the filled button, of which an issue has one."""
        return False

    @abstractmethod
    def links(self) -> Iterator[tuple[str, str]]:
        """Its links in reading order: address, and the text that is read there."""

    @abstractmethod
    def write(self, part: TextPart) -> None:
        """Its text form."""
