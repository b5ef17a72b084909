"""Blocks that frame an issue: the band at the top, pauses, the foot."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, TextPart
from mailer.authoring.blocks.fields import choice, line, picture, url

PRIVACY: Final = "Privacy notice"
_MAIL: Final = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead(Block):
    """The band at the top, with the only main heading."""

    type: ClassVar[str] = "masthead"
    type_title: ClassVar[str] = "Masthead"
    position: ClassVar[int] = 10
    is_frame: ClassVar[bool] = True
    named_by: ClassVar[str] = "title"
    only_one: ClassVar[bool] = True
    rule_below: ClassVar[bool] = False

    title: str = line("Issue title", required=True, soft_limit=40, help="The main heading.")
    date: str = line("Issue date", required=True, help="As it is shown: December 2026.")
    strapline: str = line("Strapline", soft_limit=90)
    logo: str = picture("Logo", help="The https address of a PNG with a transparent ground.")
    logo_alt: str = line("Words for the logo", help="Empty when the title says the same.")

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.logo_alt and not self.logo:
            yield "logo", "Add the address of the logo, or take out the words for it."

    def links(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def write(self, part: TextPart) -> None:
        part.heading(self.title, "=")
        part.paragraph(self.date, self.strapline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Divider(Block):
    """A pause between two blocks."""

    type: ClassVar[str] = "divider"
    type_title: ClassVar[str] = "Divider"
    position: ClassVar[int] = 80
    is_frame: ClassVar[bool] = True
    rule_below: ClassVar[bool] = False

    kind: str = choice("Kind", ("line", "Line"), ("space", "Space"))
    size: str = choice("Size", ("medium", "Medium"), ("small", "Small"), ("large", "Large"))

    def links(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def write(self, part: TextPart) -> None:
        if self.kind == "line":
            part.rule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer(Block):
    """Who writes and why; the unsubscribe and preferences links join it by themselves."""

    type: ClassVar[str] = "footer"
    type_title: ClassVar[str] = "Footer"
    position: ClassVar[int] = 90
    is_frame: ClassVar[bool] = True
    only_one: ClassVar[bool] = True

    legal_name: str = line("Legal name", required=True)
    postal_address: str = line("Postal address", required=True)
    why: str = line("Why you get this", required=True, help="You get this because …")
    contact: str = line("Contact", help="An e-mail address or other words.")
    privacy_link: str = url("Privacy notice", help="The https address of your privacy notice.")

    def links(self) -> Iterator[tuple[str, str]]:
        yield self.privacy_link, PRIVACY

    def write(self, part: TextPart) -> None:
        part.rule()
        part.paragraph(self.why)
        part.ways_out()
        part.paragraph(self.legal_name, self.postal_address, self.contact)
        part.paragraph(link_text=PRIVACY, url=self.privacy_link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        is_address = _MAIL.fullmatch(self.contact)
        return {"contact_link": part.link(f"mailto:{self.contact}") if is_address else ""}
