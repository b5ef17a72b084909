"""Letters and recipients for tests; what a test does not name is unremarkable."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mailer.authoring.blocks.base import MemberCount
from mailer.authoring.brand import Brand
from mailer.authoring.document import Document, parse
from mailer.composition.composer import Composer
from mailer.composition.letter import Letter, Message, Recipient
from mailer.composition.links import links_of
from mailer.demo.content import PICTURES, PREVIEW_TEXT, SUBJECT, december_issue
from mailer.security.tokens import Tokens

TOKENS = Tokens(b"a secret for the tests of composition")


PICTURES_AT = "https://pictures.coopcouncils.example/"
SIZES = {f"{PICTURES_AT}{name}": size for name, size in PICTURES.items()}
BRAND = Brand(
    network_name="Co-op Councils Network",
    logo_on_dark=f"{PICTURES_AT}logo-on-dark.png",
    header_picture=f"{PICTURES_AT}header.png",
    archive_url="https://news.coopcouncils.example/archive",
    website="https://www.coopcouncils.example/",
)


def december_letter(**changes: Any) -> Letter:
    """The December issue as it would be sent, with its pictures."""
    made: dict[str, Any] = {
        "subject": SUBJECT,
        "preview_text": PREVIEW_TEXT,
        "brand": BRAND,
        "pictures": SIZES,
    }
    return letter(parse(december_issue(PICTURES_AT)), **made | changes)


def letter(document: Document | None = None, **changes: Any) -> Letter:
    """A letter; its links are those of its document."""
    document = text_document("Hello {{first_name|friend}}") if document is None else document
    made = Letter(
        campaign_id=12,
        newsletter="members-update",
        newsletter_name="Members' Update",
        sender_name="Co-op Councils Network",
        sender_address="news@coopcouncils.example",
        reply_to="comms@coopcouncils.example",
        subject="News for members",
        preview_text="",
        document=document,
        date=datetime(2026, 12, 8, 10, 0, tzinfo=UTC),
        public_url="https://news.coopcouncils.example",
        return_domain="bounce.coopcouncils.example",
        organisation_name="Co-op Councils Network",
        postal_address="Town Hall\n1 Market Place\nMillbridge",
        figures=(
            MemberCount("Full", 10_340, 2),
            MemberCount("Associate", 22, 0),
            MemberCount("Affiliate", 44, -1),
            MemberCount("Supporter", 21, None),
        ),
        links={link.url: link.number for link in links_of(document)},
    )
    return replace(made, **changes)


def text_document(text: str, **fields: Any) -> Document:
    """A document of one text block."""
    return parse({"version": 1, "blocks": [{"id": "a", "type": "text", "text": text, **fields}]})


def alice(**changes: Any) -> Recipient:
    """Alice is a Full member's policy lead and agreed to be counted."""
    made = Recipient(
        delivery_id=4711,
        address="alice@northhaven.example",
        first_name="Alice",
        last_name="Yusuf",
        name="Alice Yusuf",
        organisation="Northhaven City Council",
        category="full",
        category_name="Full",
        counted=True,
    )
    return made._replace(**changes)


def bob(**changes: Any) -> Recipient:
    """Bob supports the network as a person, gave no name and did not agree to be counted."""
    made = Recipient(
        delivery_id=4712, address="bob@example.org", category="supporter", category_name="Supporter"
    )
    return made._replace(**changes)


def composed(made: Letter | None = None, recipient: Recipient | None = None) -> Message:
    """One copy."""
    composer = Composer(letter() if made is None else made, tokens=TOKENS)
    return composer.compose(alice() if recipient is None else recipient)
