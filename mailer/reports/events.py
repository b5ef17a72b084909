"""Events of an issue as files for a calendar: as it was sent, or as its draft has them now."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.authoring.blocks.events import Event, EventList
from mailer.authoring.blocks.structure import Masthead
from mailer.authoring.document import read
from mailer.authoring.text.calendar import CalendarEvent
from mailer.authoring.text.languages import ENGLISH
from mailer.clock import zone_of
from mailer.errors import NotFound
from mailer.models import Campaign, Version


def sent_event(session: Session, campaign_id: int, key: str, *, zone: str) -> CalendarEvent:
    """The event of an issue that went out; NotFound where there is no such event."""
    sent = session.execute(
        select(Version.document, Campaign.started_at)
        .join(Campaign, Campaign.id == Version.campaign_id)
        .where(Campaign.id == campaign_id, Version.number == Campaign.sent_version)
    ).one_or_none()
    if sent is None or sent.started_at is None:
        raise NotFound("There is no such event.")
    return _found(sent.document, key, said_at=sent.started_at, zone=zone)


def drafted_event(session: Session, campaign_id: int, key: str, *, zone: str) -> CalendarEvent:
    """The same of an issue as it is written now."""
    draft = session.get(Campaign, campaign_id)
    if draft is None:
        raise NotFound("There is no such event.")
    return _found(draft.document, key, said_at=draft.updated_at, zone=zone)


def _found(document: object, key: str, *, said_at: datetime, zone: str) -> CalendarEvent:
    blocks = read(document)[0].blocks
    language = next((block.language for block in blocks if isinstance(block, Masthead)), "")
    for block in blocks:
        if not isinstance(block, EventList):
            continue
        for event in block.events:
            if event.key == key:
                return _filed(event, block.language or language, said_at=said_at, zone=zone)
    raise NotFound("There is no such event.")


def _filed(event: Event, language: str, *, said_at: datetime, zone: str) -> CalendarEvent:
    filed = event.for_a_calendar(language or ENGLISH, said_at=said_at, zone=zone_of(zone))
    if filed is None:
        raise NotFound("Nobody has said yet when that is.")
    return filed
