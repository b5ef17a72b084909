"""Pre-election periods: kept with an audit, refused with a sentence a field."""

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.models import AuditEntry
from mailer.errors import FormError, NotFound
from mailer.network.election_periods import PeriodDetails, add, listing, remove
from tests.factories import NOW, TESTER

SPRING = PeriodDetails("2027-03-18", "2027-05-06", " 6  member areas ")


def test_a_period_is_kept_and_removed_with_an_audit_of_both(database: Database) -> None:
    with database.writing() as session:
        later = add(session, SPRING, actor=TESTER, now=NOW)
        first = PeriodDetails("2027-01-04", "2027-01-04", "Aldmor")
        add(session, first, actor=TESTER, now=NOW)
        kept = [each.words for each in listing(session)]
        remove(session, later.id, actor=TESTER, now=NOW)
        left = [each.words for each in listing(session)]
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()

    assert kept == ["Aldmor", "6 member areas"]
    assert left == ["Aldmor"]
    assert [each for each in acts if each.startswith("election")] == [
        "election period added",
        "election period added",
        "election period removed",
    ]


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (PeriodDetails("18 March", "2027-05-06", "Aldmor"), "first_day"),
        (PeriodDetails("2027-03-18", "", "Aldmor"), "last_day"),
        (PeriodDetails("2027-05-06", "2027-03-18", "Aldmor"), "last_day"),
        (PeriodDetails("2027-03-18", "2072-05-06", "Aldmor"), "last_day"),
        (PeriodDetails("2027-03-18", "2027-05-06", " "), "words"),
        (PeriodDetails("2027-03-18", "2027-05-06", "x" * 121), "words"),
        (PeriodDetails("2027-03-18", "2027-05-06", "a\x00b"), "words"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    database: Database, details: PeriodDetails, field: str
) -> None:
    with database.writing() as session:
        with pytest.raises(FormError) as refused:
            add(session, details, actor=TESTER, now=NOW)

        assert [name for name, _ in refused.value.problems] == [field]
        assert listing(session) == []


def test_what_somebody_else_removed_is_not_there(database: Database) -> None:
    with database.writing() as session, pytest.raises(NotFound):
        remove(session, 7, actor=TESTER, now=NOW)
