"""One tag for many people: only those who had it not change, and each change is noted."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.errors import BadName
from contacts.models import AuditEntry, Contact, Tag
from contacts.people import editing, tagging
from contacts.people.adding import tag_called
from contacts.people.tagging import tag_people
from tests.factories import NOW, TESTER, a_contact

LATER = NOW + timedelta(days=1)


@pytest.fixture
def people(database: Database) -> list[int]:
    """Alice, Bob and Carol, of whom Bob has the tag Housing."""
    with database.writing() as session:
        made = [a_contact(session, name, None) for name in ("Alice A", "Bob B", "Carol C")]
        made[1].tags = [tag_called(session, "Housing")]
        return [each.id for each in made]


def test_those_who_had_it_not_get_the_tag(database: Database, people: list[int]) -> None:
    alice, bob, _ = people

    with database.writing() as session:
        tagged = tag_people(session, {alice, bob, 4711}, " housing ", actor=TESTER, now=LATER)

    assert (tagged.tag, tagged.added, tagged.had, tagged.full) == ("Housing", 1, 1, 0)
    with database.reading() as session:
        having = {each for each in people if _tags(session, each) == ["Housing"]}
        changed = session.scalars(select(Contact.id).where(Contact.updated_at == LATER)).all()
        noted = session.scalars(select(AuditEntry).where(AuditEntry.at == LATER)).all()
    assert having == {alice, bob}
    assert changed == [alice]
    assert [(each.subject.id, each.detail) for each in noted] == [(alice, {"changed": ["tags"]})]


def test_a_new_tag_is_made_once(database: Database, people: list[int]) -> None:
    with database.writing() as session:
        tagged = tag_people(session, people, "Retrofit", actor=TESTER, now=LATER)
        again = tag_people(session, people, "RETROFIT", actor=TESTER, now=LATER)
        names = session.scalars(select(Tag.name).order_by(Tag.name)).all()

    assert (tagged.added, again.added, again.had) == (3, 0, 3)
    assert names == ["Housing", "Retrofit"]


def test_nobody_gets_more_tags_than_a_person_can_have(
    database: Database, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagging, "MOST_TAGS", 1)

    with database.writing() as session:
        tagged = tag_people(session, people, "Retrofit", actor=TESTER, now=LATER)

    assert (tagged.added, tagged.had, tagged.full) == (2, 0, 1)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "Write the tag that the chosen people get."),
        ("housing, Wales", "Write one tag at a time, without a comma."),
        ("x" * 81, "Shorten the tag: it has at most 80 characters."),
    ],
)
def test_what_can_be_no_tag_is_refused(
    database: Database, people: list[int], name: str, sentence: str
) -> None:
    with database.writing() as session, pytest.raises(BadName) as refused:
        tag_people(session, people, name, actor=TESTER, now=LATER)

    assert str(refused.value) == sentence


def _tags(session: Session, contact_id: int) -> list[str]:
    return [each.name for each in editing.person(session, contact_id).tags]
