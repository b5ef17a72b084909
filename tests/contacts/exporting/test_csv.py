"""Exporting: what goes out is safe in a spreadsheet and comes back as it was."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from contacts.database import Database
from contacts.errors import BadFile, BasisMissing
from contacts.exporting.csv import guarded, write_csv, write_do_not_email
from contacts.importing import FileChoices
from contacts.membership.categories import ensure_categories
from contacts.models import (
    Consent,
    Contact,
    Newsletter,
    Organisation,
    Role,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
    Tag,
    contact_roles,
    contact_tags,
)
from contacts.organisations.adding import add_organisation
from contacts.people.adding import add_contact, role_called, tag_called
from contacts.permission.suppressions import suppress
from tests.contacts.importing.sample_files import a_file, imported, summary
from tests.factories import NOW, TESTER, a_contact, a_newsletter


def exported(database: Database) -> str:
    held = io.StringIO(newline="")
    with database.reading() as session:
        for _ in write_csv(session, held):
            pass
    return held.getvalue()


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'t Hooft", "'t Hooft"),
        ("Al Bell", "Al Bell"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str, safe: str) -> None:
    assert guarded(cell) == safe


def test_everybody_is_written_with_category_roles_and_tags(database: Database) -> None:
    with database.writing() as session:
        a_contact(session, "Al Bell", "al@a.example", category="full", organisation="Aldmor")
        a_contact(session, "Bo Cox", None, category="supporter")
        roles = [role_called(session, "Leader"), role_called(session, "Chair")]
        tag = tag_called(session, "press, local")
        add_contact(session, name="=Cy", email="cy@a.example", roles=roles, tags=[tag], now=NOW)

    assert exported(database) == (
        "\ufeffname,first_name,last_name,email,organisation,category,roles,tags,"
        "do_not_email,do_not_email_at,do_not_email_detail\r\n"
        '"Al Bell","Al","Bell","al@a.example","Aldmor","Full","","","","",""\r\n'
        '"Bo Cox","Bo","Cox","","","Supporter","","","","",""\r\n'
        '"\'=Cy","\'=Cy","","cy@a.example","","","Chair; Leader","""press, local""","","",""\r\n'
    )


def test_an_exported_file_is_imported_unchanged(database: Database, tmp_path: Path) -> None:
    names = ["=cmd|'/c'!A1", "'=x", "O'Brien", 'Al "the" Bell', "Zoë; Ó", "-"]
    with database.writing() as session:
        for number, name in enumerate(names):
            a_contact(session, name, f"p{number}@a.example", organisation=f"@{name}")
    path = a_file(tmp_path, exported(database))

    again = imported(database, path)
    with database.writing() as session:
        for contact in session.query(Contact):
            session.delete(contact)
    anew = imported(database, path)

    assert summary(again) == (0, 0, len(names), 0, 0)
    assert summary(anew) == (len(names), 0, 0, 0, 0)
    rows = list(csv.reader(io.StringIO(exported(database), newline="")))
    assert [row[0].removeprefix("'") if row[0][0] == "'" else row[0] for row in rows[1:]] == names


def test_pages_follow_each_other_without_a_gap(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.exporting.csv._PAGE", 3)
    with database.writing() as session:
        for number in range(8):
            a_contact(session, f"Person {number}", f"p{number}@a.example")

    rows = exported(database).splitlines()

    assert len(rows) == 9
    assert rows[8].startswith('"Person 7"')


def test_hostile_cells_are_written_octet_for_octet_as_the_csv_module_writes_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.exporting.csv._PAGE", 2)
    names = ['=1+1"', '","=x', 'a\r\n"=b', "'=x", 'Al "the" Bell', "a,", '"', "\t", "＝1", "Bo"]
    roles = ["=sum", "C++", 'the "old" guard', "a;b"]
    with database.writing() as session:
        news = [a_newsletter(session, slug).id for slug in ("news", "members")]
        held = [role_called(session, label) for label in roles]
        for number, name in enumerate(names):
            made = add_contact(
                session,
                name="x",
                email=f"p{number}@a.example",
                roles=held[: number % 5],
                tags=[],
                now=NOW,
            )
            made.name = made.first_name = name
            if number % 3:
                pending = Subscription(
                    contact_id=made.id,
                    newsletter_id=news[number % 2],
                    status=SubscriptionStatus.PENDING,
                    changed_at=NOW,
                )
                session.add(pending)
        reason = SuppressionReason.BOUNCED
        suppress(session, "p1@a.example", reason, source=TESTER, detail='-"x"', now=NOW)

    lines = io.StringIO(newline="")
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    cells = ("", "=sum", "=sum; C++", '=sum; C++; "the ""old"" guard"')
    for number, name in enumerate(names):
        standing = ["", ""]
        if number % 3:
            standing[number % 2] = "pending"
        stopped = ("bounced", NOW.isoformat(), '-"x"') if number == 1 else ("", "", "")
        role = cells[number % 5] if number % 5 < 4 else '=sum; "a;b"; C++; "the ""old"" guard"'
        row = [name, name, "", f"p{number}@a.example", "", "", role, "", *standing, *stopped]
        writer.writerow(guarded(cell) for cell in row)
    assert exported(database).partition("\r\n")[2] == lines.getvalue()


LABELS = st.lists(
    st.sampled_from(
        ["Leader", "C++", "C#", "press, local", 'the "old" guard', "R&D", "a;b", "=sum", "Ökologie"]
    ),
    max_size=3,
    unique=True,
)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["{n} Bell", "=cmd {n}", "Cllr {n} Ó Briain, OBE", "{n}"]),
            "shares": st.booleans(),
            "place": st.sampled_from(["", "Aldmor", "@Bexmoor, Ltd"]),
            "category": st.sampled_from(["", "full"]),
            "roles": LABELS,
            "tags": LABELS,
            "standing": st.lists(
                st.sampled_from([None, *SubscriptionStatus]), min_size=2, max_size=2
            ),
            "stopped": st.sampled_from([None, *SuppressionReason]),
            "why": st.sampled_from(["", "=1+1", "550 no such user", "unsubscribed, by phone"]),
        }
    ),
    min_size=1,
    max_size=6,
)
NAMES = ["Zoë", "Kofi", "Lena", "Ben", "Amrit", "Tom"]


def emptied(database: Database) -> None:
    with database.writing() as session:
        for table in (contact_roles, contact_tags, Consent, Subscription, Suppression, Contact):
            session.execute(delete(table))
        for kind in (Organisation, Role, Tag):
            session.execute(delete(kind))


def filled(database: Database, drawn: list[dict[str, object]], newsletters: list[int]) -> None:
    with database.writing() as session:
        full = ensure_categories(session)["full"]
        places: dict[str, Organisation] = {}
        for number, each in enumerate(drawn):
            email = "office@a.example" if each["shares"] else f"p{number}@a.example"
            category = full if each["category"] else None
            place = None
            if name := str(each["place"]):
                if name not in places:
                    places[name] = add_organisation(session, name, category=category, now=NOW)
                place = places[name]
            made = add_contact(
                session,
                name=str(each["name"]).format(n=NAMES[number]),
                email=email,
                organisation=place,
                category=category,
                roles=[role_called(session, label) for label in each["roles"]],  # type: ignore[attr-defined]
                tags=[tag_called(session, label) for label in each["tags"]],  # type: ignore[attr-defined]
                now=NOW,
            )
            standing = zip(newsletters, each["standing"], strict=True)  # type: ignore[call-overload]
            for newsletter_id, status in standing:
                if status is not None:
                    session.add(
                        Subscription(
                            contact_id=made.id,
                            newsletter_id=newsletter_id,
                            status=status,
                            changed_at=NOW,
                        )
                    )
            if each["stopped"]:
                suppress(
                    session,
                    email,
                    SuppressionReason(str(each["stopped"])),
                    source=TESTER,
                    detail=str(each["why"]),
                    now=NOW - timedelta(days=number, microseconds=number),
                )


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=PEOPLE)
def test_what_goes_out_comes_back_unchanged_into_the_same_database_and_an_empty_one(
    database: Database, tmp_path: Path, drawn: list[dict[str, object]]
) -> None:
    emptied(database)
    with database.writing() as session:
        if not (newsletters := list(session.scalars(select(Newsletter.id)))):
            newsletters = [a_newsletter(session, slug).id for slug in ("news", "members")]
    filled(database, drawn, newsletters)
    before = exported(database)
    path = a_file(tmp_path, before)

    again = imported(database, path, basis="As they stood")
    same = exported(database)
    emptied(database)
    anew = imported(database, path, basis="As they stood")

    assert summary(again) == (0, 0, len(drawn), 0, 0)
    assert same == before
    assert summary(anew) == (len(drawn), 0, 0, 0, 0)
    assert sorted(exported(database).splitlines()) == sorted(before.splitlines())


def test_a_do_not_email_list_comes_back_with_its_reasons_and_days(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        for number, reason in enumerate(SuppressionReason):
            at = NOW - timedelta(days=number)
            suppress(session, f"{number}@a.example", reason, source=TESTER, detail="=x", now=at)

    def written() -> str:
        held = io.StringIO(newline="")
        with database.reading() as session:
            for _ in write_do_not_email(session, held):
                pass
        return held.getvalue()

    before = written()
    path = a_file(tmp_path, before)
    emptied(database)
    imported(database, path, choices=FileChoices(as_do_not_email=True))

    assert sorted(written().splitlines()) == sorted(before.splitlines())
    assert len(before.splitlines()) == 5


def test_columns_about_newsletters_need_a_basis_and_a_newsletter_that_is_here(
    database: Database, tmp_path: Path
) -> None:
    path = a_file(tmp_path, "email,newsletter: news\nal@a.example,subscribed\n")

    with pytest.raises(BadFile, match="a newsletter “news”, which is not here"):
        imported(database, path, basis="They asked")
    with database.writing() as session:
        a_newsletter(session, "news")
    with pytest.raises(BasisMissing):
        imported(database, path)
