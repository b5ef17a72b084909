"""Newsletters are added, changed and put in order, on both databases, each with its audit."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.errors import BadDetails, UnknownRecord
from contacts.models import AuditEntry, Newsletter
from contacts.permission import newsletters
from contacts.permission.newsletters import NewsletterDetails
from tests.factories import NOW, TESTER

UPDATE = NewsletterDetails(
    name="Members’ Update",
    description="Case studies and events.",
    frequency="monthly",
    from_name="Commons Network",
    from_address="News@Network.example",
)


def add(database: Database, **different: Any) -> str:
    details = replace(UPDATE, **different)
    with database.writing() as session:
        return newsletters.add(session, details, actor=TESTER, now=NOW).slug


def order(database: Database) -> list[str]:
    with database.reading() as session:
        return [each.slug for each in newsletters.listing(session)]


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_a_newsletter_is_known_by_its_name_and_comes_last(database: Database) -> None:
    first, second = add(database), add(database, name="Events & Webinars")

    assert (first, second) == ("members-update", "events-webinars")
    assert order(database) == [first, second]
    assert acts(database) == ["newsletter added"] * 2


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "Members’ Update"),
        ("name", "…"),
        ("name", "New"),
        ("from_name", " "),
        ("from_name", "Network\r\nBcc: everybody@victim.example\x07"),
        ("from_name", "N" * 201),
        ("from_address", "nobody"),
        ("from_address", "news@network.example\r\nBcc: everybody@victim.example"),
        ("reply_to", "x@localhost"),
        ("description", "D" * 501),
        ("postal_address", "P" * 501),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(
    database: Database, field: str, typed: str
) -> None:
    add(database)

    with pytest.raises(BadDetails) as refused:
        add(database, **{"name": "Another", field: typed})

    assert field in dict(refused.value.problems)
    assert order(database) == ["members-update"]


def test_a_name_of_several_lines_is_one_line_of_a_header(database: Database) -> None:
    slug = add(database, from_name="Network\r\nBcc: everybody@victim.example")

    with database.reading() as session:
        kept = newsletters.newsletter_of(session, slug)
        assert kept.from_name == "Network Bcc: everybody@victim.example"


def test_a_change_keeps_the_slug_and_says_what_changed(database: Database) -> None:
    slug = add(database)

    with database.writing() as session:
        other = replace(UPDATE, name="Bulletin", reply_to="a@b.example")
        newsletters.change(session, slug, other, actor=TESTER, now=NOW)
    with database.writing() as session:
        newsletters.change(session, slug, other, actor=TESTER, now=NOW)

    with database.reading() as session:
        kept = newsletters.newsletter_of(session, slug)
        assert (kept.name, kept.reply_to) == ("Bulletin", "a@b.example")
        detail = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.act == "newsletter changed")
        ).all()
    assert detail == [{"changed": ["name", "reply_to"]}]


def test_one_that_is_not_there_is_not_changed(database: Database) -> None:
    with database.writing() as session, pytest.raises(UnknownRecord):
        newsletters.change(session, "none", UPDATE, actor=TESTER, now=NOW)


def test_newsletters_are_put_in_order(database: Database) -> None:
    a, b, c = (add(database, name=name) for name in ("A", "B", "C"))

    for slug, up in ((c, True), (a, True), (a, False)):
        with database.writing() as session:
            newsletters.move(session, slug, up=up, actor=TESTER, now=NOW)

    assert order(database) == [c, a, b]
    assert acts(database).count("newsletter moved") == 2  # the first can't move up


def test_newsletters_of_before_keep_their_order_when_one_is_moved(database: Database) -> None:
    a, b = add(database, name="A"), add(database, name="B")
    with database.writing() as session:
        for each in session.scalars(select(Newsletter)):
            each.position = 0

    with database.writing() as session:
        newsletters.move(session, b, up=True, actor=TESTER, now=NOW)

    assert order(database) == [b, a]
