"""Files of pictures that no row names: what a process left that was killed between the two."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.authoring.pictures.store import PictureFolder
from mailer.models import LibraryPicture

KEPT_FOR: Final = timedelta(days=1)  # a row that is still to come has come by then
_AT_ONCE: Final = 500


def remove_orphans(session: Session, folder: PictureFolder, *, now: datetime) -> int:
    """Remove what has lain there for a day and belongs to no picture; how many files."""
    before = now - KEPT_FOR
    removed = folder.remove_unfinished(before)
    old = folder.older_than(before)
    for start in range(0, len(old), _AT_ONCE):
        names = old[start : start + _AT_ONCE]
        asked = select(LibraryPicture.name).where(LibraryPicture.name.in_(names))
        named = set(session.scalars(asked))
        removed += sum(folder.remove(name, before) for name in names if name not in named)
    return removed
