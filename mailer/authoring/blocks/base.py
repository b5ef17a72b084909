"""The base of all blocks, and what the two parts of a mail offer to a block.

A kind of block is one module of this folder: its fields, its checks, its links, its text form and
what its MJML template (``templates/email/blocks/<type>.mjml``) is given. Nothing else names it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol


class TextPart(Protocol):
    """The text part, as a block writes to it. Texts may hold merge fields."""

    def heading(self, text: str, rule: str = "-") -> None:
        """A heading underlined with ``rule``; nothing for no text."""

    def paragraph(self, *texts: str, link_text: str = "", url: str = "") -> None:
        """Each text on lines of its own, and behind them a link, if there is an address."""

    def rich(self, text: str) -> None:
        """Markdown-lite."""

    def rule(self) -> None:
        """A line across the page."""

    def ways_out(self) -> None:
        """The links to unsubscribe and to the preferences."""


class HtmlPart(Protocol):
    """The HTML part, as a block is shown in it: each method gives what stands for it in MJML."""

    def line(self, text: str) -> str:
        """A line with merge fields."""

    def words(self, text: str) -> str:
        """A line in which two brackets are no merge field."""

    def link(self, url: str) -> str:
        """An address that a link goes to."""

    def button_width(self, text: str) -> int:
        """Pixels for the drawn button of classic Outlook, which cannot measure its text."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(_Shown, ABC):
    """What every block has. ``visible_to`` holds category slugs; None means everyone."""

    type: ClassVar[str]
    type_title: ClassVar[str]
    position: ClassVar[int]  # among the kinds, where an author chooses one
    named_by: ClassVar[str] = ""  # the field by whose text people know one block from another
    only_one: ClassVar[bool] = False  # in a document
    is_frame: ClassVar[bool] = False  # it says nothing by itself: an issue needs something else
    rule_below: ClassVar[bool] = True  # whether the block behind it is set off by a line
    heading_level: ClassVar[int] = 3  # of the small headings in its Markdown

    id: str = ""
    visible_to: tuple[str, ...] | None = None

    def is_for(self, category: str) -> bool:
        """Whether somebody of this category ("" for none) sees it."""
        return self.visible_to is None or category in self.visible_to

    def markdown_heading(self) -> int:
        """The level that a small heading in its Markdown has in the HTML part."""
        return self.heading_level

    @abstractmethod
    def links(self) -> Iterator[tuple[str, str]]:
        """Its links in reading order: address, and the text that is read there."""

    @abstractmethod
    def write(self, part: TextPart) -> None:
        """Its text form."""
