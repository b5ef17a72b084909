"""A file imported as a do-not-email list: every address in it is left alone."""

from pathlib import Path

from contacts.database import Database
from contacts.importing import FileChoices
from contacts.models import SuppressionReason
from contacts.permission.suppressions import suppress
from tests.contacts.importing.sample_files import a_file, imported, people, summary
from tests.contacts.importing.standings import stopped
from tests.factories import NOW, TESTER, a_contact, a_newsletter


def test_a_file_can_be_a_do_not_email_list(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        a_contact(session, "Al Bell", "al@a.example", a_newsletter(session))
        suppress(session, "bo@a.example", SuppressionReason.BOUNCED, source=TESTER, now=NOW)
    path = a_file(
        tmp_path,
        "Email,Name\nAL@a.example,Al\nbo@a.example,Bo\ncy@a.example,\ncy@a.example,\n,Di\n",
    )

    result = imported(database, path, choices=FileChoices(as_do_not_email=True))

    assert summary(result) == (2, 0, 2, 0, 1)
    assert "no e-mail address" in result.problems[0].message
    assert stopped(database) == {
        "al@a.example": "do_not_email",
        "bo@a.example": "bounced",
        "cy@a.example": "do_not_email",
    }
    assert people(database) == [("Al Bell", "al@a.example")]


def test_a_do_not_email_list_stops_every_address_of_a_row(
    database: Database, tmp_path: Path
) -> None:
    path = a_file(
        tmp_path,
        "Email,Email 2\na@a.example; b@a.example,C@a.example\n,d@a.example\n",
    )

    result = imported(database, path, choices=FileChoices(as_do_not_email=True))

    assert summary(result) == (2, 0, 0, 0, 0)
    assert stopped(database).keys() == {f"{each}@a.example" for each in "abcd"}
