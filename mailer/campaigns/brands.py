"""How a newsletter looks: read for its issues, and changed by a person."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.addresses import parse as parse_address
from contacts.errors import BadAddress
from contacts.models import Newsletter
from mailer.authoring.brand import ACCENT, FACES, Brand, SocialLink, palette
from mailer.authoring.text.urls import wrong_with, wrong_with_picture
from mailer.errors import FormError
from mailer.models import Installation, NewsletterBrand

MOST_SOCIAL: Final = 6
_PICTURES: Final = ("logo_on_dark", "logo_on_light", "header_picture")
_PAGES: Final = ("website", "archive_url", "privacy_url")
_LONGEST_WORDS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandDetails:
    """What is chosen for a newsletter; ``social`` are pairs of words and address."""

    accent: str = ACCENT
    face: str = "georgia"
    logo_on_dark: str = ""
    logo_on_light: str = ""
    header_picture: str = ""
    contact: str = ""
    website: str = ""
    archive_url: str = ""
    privacy_url: str = ""
    social: tuple[tuple[str, str], ...] = ()


def details_of(session: Session, newsletter: Newsletter) -> BrandDetails:
    """What has been chosen for a newsletter, or what it starts with."""
    kept = session.get(NewsletterBrand, newsletter.id)
    if kept is None:
        return BrandDetails()
    return BrandDetails(
        accent=kept.accent,
        face=kept.face,
        logo_on_dark=kept.logo_on_dark,
        logo_on_light=kept.logo_on_light,
        header_picture=kept.header_picture,
        contact=kept.contact,
        website=kept.website,
        archive_url=kept.archive_url,
        privacy_url=kept.privacy_url,
        social=tuple((str(each["words"]), str(each["url"])) for each in kept.social["links"]),
    )


def brand_of(session: Session, newsletter: Newsletter) -> Brand:
    """How the issues of a newsletter look."""
    installation = session.get(Installation, 1)
    details = details_of(session, newsletter)
    return Brand(
        accent=details.accent,
        face=details.face,
        network_name=installation.network_name if installation else newsletter.from_name,
        postal_address=newsletter.postal_address,
        contact=details.contact,
        logo_on_dark=details.logo_on_dark,
        logo_on_light=details.logo_on_light,
        header_picture=details.header_picture,
        privacy_url=details.privacy_url,
        archive_url=details.archive_url,
        website=details.website,
        social=tuple(SocialLink(words, url) for words, url in details.social),
    )


def change_brand(
    session: Session, newsletter: Newsletter, details: BrandDetails, *, actor: Actor, now: datetime
) -> list[str]:
    """Keep what was chosen; gives the names of what changed. FormError says what is wrong."""
    if problems := list(_problems(details)):
        raise FormError(problems)
    before = asdict(details_of(session, newsletter))
    changed = [name for name, value in asdict(details).items() if value != before[name]]
    if not changed:
        return []
    kept = session.get(NewsletterBrand, newsletter.id)
    if kept is None:
        kept = NewsletterBrand(newsletter_id=newsletter.id)
        session.add(kept)
    for name, value in asdict(details).items():
        if name != "social":
            setattr(kept, name, value)
    kept.social = {"links": [{"words": words, "url": url} for words, url in details.social]}
    kept.changed_at = now
    act = "brand changed"
    audit.write(session, act, "newsletter", newsletter.id, actor=actor, now=now, changed=changed)
    return changed


def _problems(details: BrandDetails) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    try:
        palette(details.accent)
    except ValueError as refusal:
        found.append(("accent", str(refusal)))
    if details.face not in FACES:
        found.append(("face", "Choose one of the list."))
    for name in _PICTURES:
        if (value := getattr(details, name)) and (wrong := wrong_with_picture(value)):
            found.append((name, wrong))
    for name in _PAGES:
        if (value := getattr(details, name)) and (wrong := wrong_with(value, ("https", "http"))):
            found.append((name, wrong))
    if details.contact:
        try:
            parse_address(details.contact)
        except BadAddress as refusal:
            found.append(("contact", str(refusal)))
    for place, (words, url) in enumerate(details.social):
        if not words or len(words) > _LONGEST_WORDS:
            sentence = f"Write where this leads in at most {_LONGEST_WORDS} characters."
            found.append((f"social-{place}-words", sentence))
        if wrong := wrong_with(url, ("https", "http")):
            found.append((f"social-{place}-url", wrong))
    return found
