"""Blocks that frame an issue: the band at the top, pauses, the foot."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
from mailer.authoring.blocks.fields import choice, line, picture, url
from mailer.authoring.text.languages import LANGUAGES

PRIVACY: Final = "Privacy notice"
_MAIL: Final = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def mail_link(contact: str) -> str:
    """The mailto: of a contact that is a mail address; "" for other words."""
    return f"mailto:{contact}" if _MAIL.fullmatch(contact) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead(Block):
    """The band at the top, with the only main heading; its language is that of the issue."""

    type: ClassVar[str] = "masthead"
    type_title: ClassVar[str] = "Masthead"
    position: ClassVar[int] = 10
    shelf: ClassVar[Shelf] = Shelf.AROUND
    drawing: ClassVar[str] = "masthead"
    about: ClassVar[str] = "name, date, logo"
    is_frame: ClassVar[bool] = True
    named_by: ClassVar[str] = "title"
    only_one: ClassVar[bool] = True
    pinned: ClassVar[str] = "first"

    title: str = line("Issue title", required=True, soft_limit=40, help="The main heading.")
    date: str = line("Issue date", required=True, help="As it is shown: December 2026.")
    strapline: str = line("Strapline", soft_limit=90)
    logo: str = picture("Logo", help="A PNG for a dark ground; empty for the newsletter’s.")
    logo_alt: str = line("Words for the logo", help="Empty when the title says the same.")
    language: str = choice(
        "Language of the issue", ("", "That of the newsletter"), *LANGUAGES.items()
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.logo_alt and not self.logo:
            yield "logo", "Add the address of the logo, or take out the words for it."

    def links(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def write(self, part: TextPart) -> None:
        part.heading(self.title, "=")
        part.titled(self.date, self.strapline)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        brand = part.brand
        light = bool(brand.logo_on_light) and not brand.logo_on_dark and not self.logo
        logo = self.logo or brand.logo_on_dark or brand.logo_on_light
        alt = self.logo_alt if self.logo else brand.network_name
        return {
            "light": light,
            "logo": part.picture(logo),
            "logo_alt": part.line(alt) if self.logo else part.words(alt),
            "network": part.words(brand.network_name),
            "header_picture": part.picture(brand.header_picture),
            "online": part.view_online(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Divider(Block):
    """A pause between two blocks."""

    type: ClassVar[str] = "divider"
    type_title: ClassVar[str] = "Divider"
    position: ClassVar[int] = 80
    shelf: ClassVar[Shelf] = Shelf.WORDS
    drawing: ClassVar[str] = "divider"
    about: ClassVar[str] = "a line or a space"
    is_frame: ClassVar[bool] = True

    kind: str = choice("Kind", ("line", "Line"), ("space", "Space"))
    size: str = choice("Size", ("medium", "Medium"), ("small", "Small"), ("large", "Large"))

    def links(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def write(self, part: TextPart) -> None:
        if self.kind == "line":
            part.rule()

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        del part
        return {"space": {"small": 8, "medium": 24, "large": 40}[self.size]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer(Block):
    """Who writes and why; the unsubscribe and preferences links join it by themselves."""

    type: ClassVar[str] = "footer"
    type_title: ClassVar[str] = "Footer"
    position: ClassVar[int] = 90
    shelf: ClassVar[Shelf] = Shelf.AROUND
    drawing: ClassVar[str] = "footer"
    about: ClassVar[str] = "address and ways out"
    is_frame: ClassVar[bool] = True
    only_one: ClassVar[bool] = True
    pinned: ClassVar[str] = "last"

    legal_name: str = line("Legal name", required=True)
    postal_address: str = line("Postal address", required=True)
    why: str = line("Why you get this", required=True, help="You get this because …")
    contact: str = line("Contact", help="An e-mail address or other words.")
    privacy_link: str = url("Privacy notice", help="The https address of your privacy notice.")

    def links(self) -> Iterator[tuple[str, str]]:
        yield self.privacy_link, PRIVACY

    def write(self, part: TextPart) -> None:
        brand = part.brand
        part.rule()
        part.paragraph(self.legal_name, self.postal_address, self.contact or brand.contact)
        part.paragraph(self.why)
        part.ways_out()
        part.directory(
            [
                (part.say("Privacy notice"), self.privacy_link or brand.privacy_url),
                (part.say("Past issues"), brand.archive_url),
                (part.say("Our website"), brand.website),
            ]
        )

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        brand = part.brand
        contact = self.contact or brand.contact
        return {
            "contact": part.line(contact),
            "contact_link": part.link(mail_link(contact)),
            "privacy_link": part.link(self.privacy_link or brand.privacy_url),
            "archive": part.link(brand.archive_url),
            "website": part.link(brand.website),
            "online": part.view_online(),
        }
