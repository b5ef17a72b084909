"""Organisations that a chunk speaks of: made where they are new, categorised where they are not."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import String, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from contacts.bulk import among, insert_new, rows_of
from contacts.database import Instant, RowId
from contacts.importing.applying.decision import ImportedOrganisation
from contacts.models import Organisation
from contacts.names import slugify


def write_places(session: Session, places: Sequence[ImportedOrganisation], now: datetime) -> None:
    # In one order, so that two imports of the same places wait for each other and never deadlock.
    missing = sorted(places, key=lambda place: place.key)
    for suffixed in (False, True):
        if not missing:
            return
        columns: dict[str, TypeEngine[Any]] = {
            "slug": String(),
            "name": String(),
            "name_key": String(),
            "category_id": RowId,
            "created_at": Instant(),
        }
        given = rows_of(
            session,
            [
                {
                    "slug": _place_slug(place, suffixed=suffixed),
                    "name": place.name,
                    "name_key": place.key,
                    "category_id": place.category_id,
                    "created_at": now,
                }
                for place in missing
            ],
            columns,
        )
        # What is refused has its slug taken: it is tried again with one of its own. What somebody
        # else has just added under the same name is found below like the rest.
        insert_new(session, Organisation.__table__, list(columns), select(given))
        found = select(Organisation.name_key, Organisation.id).where(
            among(session, Organisation.name_key, [place.key for place in missing])
        )
        ids = dict(session.execute(found).all())
        for place in missing:
            place.id = ids.get(place.key)
        missing = [place for place in missing if place.id is None]


def _place_slug(place: ImportedOrganisation, *, suffixed: bool) -> str:
    slug = slugify(place.name) or "organisation"
    return f"{slug[:60]}-{sha256(place.key.encode()).hexdigest()[:10]}" if suffixed else slug


def categorise(session: Session, places: Sequence[ImportedOrganisation]) -> None:
    if not places:
        return
    given = rows_of(
        session,
        [{"id": place.id, "category_id": place.category_id} for place in places if place.id],
        {"id": RowId, "category_id": RowId},
    )
    session.execute(
        update(Organisation)
        .where(Organisation.id == given.c.id, Organisation.category_id.is_(None))
        .values(category_id=given.c.category_id),
        execution_options={"synchronize_session": False},
    )
