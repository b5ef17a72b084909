"""What rows say and was not taken, as sentences."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.bulk import among
from contacts.importing.applying.decision import Difference
from contacts.importing.rows.checking import RowProblem
from contacts.importing.words.fields import WORDS, ColumnField
from contacts.models import Category, Organisation

_SHOWN: Final = 200  # characters


def in_sentences(session: Session, differences: Sequence[Difference]) -> list[RowProblem]:
    """One for each, with the column's field in the place of its name."""
    if not differences:
        return []
    ids = {each.organisation_id for each in differences if each.organisation_id}
    columns = select(Organisation.id, Organisation.name)
    places = dict(session.execute(columns.where(among(session, Organisation.id, ids))).all())
    categories = dict(session.execute(select(Category.id, Category.name)).all())
    found = []
    for each in differences:
        given, held = each.given, each.held
        if each.field is ColumnField.ORGANISATION:
            held = held or places.get(each.organisation_id or 0, "")
        if each.field is ColumnField.CATEGORY:
            given = categories.get(int(given), "")
            held = categories.get(int(held), "")
        found.append(RowProblem(each.row, WORDS[each.field], given[:_SHOWN], _sentence(each, held)))
    return found


def _sentence(difference: Difference, held: str) -> str:
    if difference.field is ColumnField.EMAIL:
        return "There is another address in the cell. The first one is the person’s."
    if difference.field is ColumnField.ROLE:
        return "The role was not taken, as it belongs to another organisation than the one here."
    return f"Here it is “{held[:_SHOWN]}”, and stays so."
