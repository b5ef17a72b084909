"""The few sentences the composer writes by itself, alike in both parts of a message."""

from typing import Final

from mailer.authoring.blocks.structure import Footer, Masthead
from mailer.authoring.text.characters import one_line
from mailer.composition.letter import Letter

UNSUBSCRIBE: Final = "Unsubscribe"
PREFERENCES: Final = "Change what you get"


def masthead(letter: Letter) -> Masthead:
    """The band of a document that brings none."""
    return Masthead(title=literal(letter.newsletter_name or letter.subject))


def footer(letter: Letter) -> Footer:
    """The footer of a document that brings none, from the letter's settings."""
    lines = (line.strip(" ,") for line in letter.postal_address.splitlines())
    return Footer(
        legal_name=literal(letter.organisation_name or letter.newsletter_name),
        postal_address=literal(", ".join(line for line in lines if line)),
        why=literal(f"You get this because you are subscribed to {letter.newsletter_name}."),
    )


def literal(text: str) -> str:
    """Words from the settings, in which two brackets are no merge field."""
    return one_line(text).replace("{{", "{ {")
