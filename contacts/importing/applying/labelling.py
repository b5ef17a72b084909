"""Roles and tags of many people: made where they are new, and given."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import String, Table, select
from sqlalchemy.orm import Session

from contacts.bulk import among, insert_new, rows_of
from contacts.database import RowId
from contacts.importing.applying.decision import Someone
from contacts.models import Role, Tag
from contacts.names import label_key, label_slugs


def label(
    session: Session,
    pairs: Table,
    kind: type[Role] | type[Tag],
    labelled: Sequence[tuple[Someone, Mapping[str, str]]],
) -> None:
    """Give people the labels they do not have yet."""
    # Of several spellings the first stays.
    names = {key: name for _, labels in reversed(labelled) for key, name in labels.items()}
    if not names:
        return
    ids = _made(session, kind, names)
    other = next(column.name for column in pairs.c if column.name != "contact_id")
    held = rows_of(
        session,
        [
            {"contact_id": someone.id, "label_id": ids[key]}
            for someone, labels in labelled
            for key in labels
        ],
        {"contact_id": RowId, "label_id": RowId},
    )
    insert_new(session, pairs, ["contact_id", other], select(held))


def _made(
    session: Session, kind: type[Role] | type[Tag], names: Mapping[str, str]
) -> dict[str, int]:
    """The ids of labels by what is compared; those that are new are made."""
    slugs = {key: label_slugs(name) for key, name in names.items()}
    ids = _known(session, kind, slugs.values())
    for choice in (0, 1):  # what is refused has its slug taken by another label
        missing = {slugs[key][choice]: key for key in sorted(names, reverse=True) if key not in ids}
        if not missing:
            break
        given = rows_of(
            session,
            [{"slug": slug, "name": names[missing[slug]]} for slug in sorted(missing)],
            {"slug": String(), "name": String()},
        )
        insert_new(session, kind.__table__, ["slug", "name"], select(given))
        ids = _known(session, kind, slugs.values())
    return ids


def _known(
    session: Session, kind: type[Role] | type[Tag], slugs: Iterable[tuple[str, str]]
) -> dict[str, int]:
    wanted = {slug for both in slugs for slug in both}
    found = session.execute(select(kind.name, kind.id).where(among(session, kind.slug, wanted)))
    return {label_key(name): number for name, number in found}
