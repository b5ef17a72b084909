"""Who the network is: its name, postal address, time zone and languages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.bulk import insert_new
from contacts.database import Instant
from contacts.names import has_controls
from mailer.authoring.text import languages
from mailer.clock import UK
from mailer.errors import FormError
from mailer.models import Installation
from mailer.network.locales import time_zones

LONGEST_NAME: Final = 200
LONGEST_ADDRESS: Final = 500
_ID: Final = 1
_KIND: Final = "installation"


@dataclass(frozen=True, slots=True)
class NetworkDetails:
    """The network as written in a form; the first of ``languages`` is its own."""

    name: str = ""
    postal_address: str = ""
    time_zone: str = UK
    languages: tuple[str, ...] = ("en-GB",)

    @classmethod
    def of(cls, kept: Installation | None) -> "NetworkDetails":
        """What is kept, or what holds while nobody has said anything."""
        if kept is None:
            return cls()
        languages = tuple(kept.languages.split())
        return cls(kept.network_name, kept.postal_address, kept.time_zone, languages)

    @property
    def own_language(self) -> str:
        """What it writes in, where nobody says otherwise."""
        return self.languages[0]


def find(session: Session) -> Installation | None:
    """What is kept of the network; None until somebody has said who it is."""
    kept = session.get(Installation, _ID)
    session.info[_KIND] = kept  # or it is forgotten, and read again by whoever asks next
    return kept


def zone(session: Session) -> str:
    """The network's time zone: that of every time which names no other."""
    return NetworkDetails.of(find(session)).time_zone


def problems(details: NetworkDetails) -> list[tuple[str, str]]:
    """What is in the way of keeping ``details``: field and sentence."""
    found = []
    if not details.name.strip() or len(details.name) > LONGEST_NAME:
        found.append(("name", f"Write the network’s name, in at most {LONGEST_NAME} characters."))
    if not details.postal_address.strip() or len(details.postal_address) > LONGEST_ADDRESS:
        sentence = f"Write a postal address, in at most {LONGEST_ADDRESS} characters."
        found.append(("postal_address", sentence))
    if details.time_zone not in time_zones():
        found.append(("time_zone", "Choose a time zone of the list."))
    if not details.languages or not set(details.languages) <= languages.LANGUAGES.keys():
        found.append(("languages", "Choose at least one language of the list."))
    for field, words in (("name", details.name), ("postal_address", details.postal_address)):
        if has_controls(words):
            found.append((field, "Write this again: it has control characters in it."))
    return found


def save(session: Session, details: NetworkDetails, *, actor: Actor, now: datetime) -> Installation:
    """Keep who the network is; FormError when it can't be kept as written."""
    if wrong := problems(details):
        raise FormError(wrong)
    values = {
        "network_name": " ".join(details.name.split()),
        "postal_address": details.postal_address.strip(),
        "time_zone": details.time_zone,
        "languages": " ".join(dict.fromkeys(details.languages)),
    }
    return keep(session, values, actor=actor, now=now)


def keep(session: Session, values: dict[str, str], *, actor: Actor, now: datetime) -> Installation:
    """Keep values of the row, which is made where there is none, with an audit of what changed."""
    kept = _locked(session, now=now)
    changed = sorted(name for name, value in values.items() if getattr(kept, name) != value)
    for name in changed:
        setattr(kept, name, values[name])
    if changed:
        session.flush()
        audit.write(session, "network changed", _KIND, _ID, actor=actor, now=now, changed=changed)
    return kept


def _locked(session: Session, *, now: datetime) -> Installation:
    # Two who say it first at once: one of them makes the row, and the other waits for it.
    fresh = {"id": _ID, "network_name": "", "postal_address": ""}
    row = select(*map(literal, fresh.values()), literal(now, Instant()))
    insert_new(session, Installation.__table__, [*fresh, "created_at"], row)
    return session.scalars(
        select(Installation).where(Installation.id == _ID).with_for_update()
    ).one()
