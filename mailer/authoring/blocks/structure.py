"""Blocks that frame an issue: the band at the top, pauses, the foot."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.fields import choice, line, picture, url


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
