"""The few sentences the composer writes by itself, alike in both parts of a message."""

from typing import Final

from mailer.authoring.blocks.structure import Footer, Masthead
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.languages import say
from mailer.composition.letter import Letter

UNSUBSCRIBE: Final = "Unsubscribe"
PREFERENCES: Final = "Change what you get"


def masthead(letter: Letter) -> Masthead:
    """The band of a document that brings none."""
    return Masthead(title=literal(letter.newsletter_name or letter.subject))


def footer(letter: Letter) -> Footer:
    """The footer of a document that brings none, from the letter's settings."""
    address = letter.postal_address or letter.brand.postal_address
    lines = (line.strip(" ,") for line in address.splitlines())
    return Footer(
        legal_name=literal(
            letter.brand.network_name or letter.organisation_name or letter.newsletter_name
        ),
        postal_address=literal(", ".join(line for line in lines if line)),
        why=literal(
            say(
                letter.language,
                "You get this because you are subscribed to {newsletter}.",
                newsletter=letter.newsletter_name,
            )
        ),
    )


def literal(text: str) -> str:
    """Words from the settings, in which two brackets are no merge field."""
    return one_line(text).replace("{{", "{ {")
