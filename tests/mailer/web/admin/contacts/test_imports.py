"""The import pages: a file is looked at, matched, taken in, and every row is answered for."""

import io
import re

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from contacts import importing
from contacts.models import Contact, Import, Suppression
from mailer.bootstrap import Mailer
from tests.contacts.importing.sample_files import CASES
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text

PEOPLE = (
    "E-mail addr;Name;Memb type\n"
    "dafydd@wyeham.example;Cllr Dafydd Rowe;assoc\n"
    "not an address;Nobody;full\n"
    "carol@carrdale.example;Carol Castell;\n"
)


def uploaded(editor: Browser, content: bytes) -> TestResponse:
    return editor.submit("/contacts/import/", {"file": (io.BytesIO(content), "people.csv")})


def test_a_file_goes_from_upload_to_its_last_row(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    seen = uploaded(editor, PEOPLE.encode())
    place = re.search(r"/contacts/import/(\d+)/columns", seen.request.path)
    assert place
    page = seen.request.path
    chosen = {"column-0": "email", "column-1": "name", "column-2": "category", "newsletter": "1"}

    refused = editor.submit(page, chosen)
    checked = editor.submit(page, {**chosen, "basis": "Members asked"})
    editor.submit(page.replace("columns", "check"))
    importing.run(mailer.database, int(place[1]), clock=mailer.clock)
    result = visible_text(editor.get(f"/contacts/import/{place[1]}"))
    sheet = editor.get(f"/contacts/import/{place[1]}/to-fix.csv").text

    assert "E-mail addr dafydd@wyeham.example" in visible_text(seen)
    assert refused.status_code == 422
    assert "Say why we may write to these people" in visible_text(refused)
    assert "What came of 3 rows Added 1 Updated 0" in result
    assert "Need fixing 1" in result
    assert "What the 3 rows come to New 1 Will be updated 0" in visible_text(checked)
    assert "1 row needs fixing" in visible_text(checked)
    assert (
        '"3","E-mail addr: Not an e-mail address: there is no @ in it.","not an address"' in sheet
    )


def test_a_file_that_is_no_spreadsheet_changes_nothing(mailer: Mailer, editor: Browser) -> None:
    for content in (
        b"",
        b"PK\x03\x04 an Excel workbook",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"a,b\n1,2\n",
    ):
        answer = uploaded(editor, content)

        assert answer.status_code == 422
        assert "There is a problem" in visible_text(answer)
    with mailer.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0
        assert session.scalar(select(func.count()).select_from(Contact)) == 0


def test_a_viewer_may_look_and_not_upload(viewer: Browser) -> None:
    assert viewer.get("/contacts/import/").status_code == 200
    assert uploaded(viewer, PEOPLE.encode()).status_code == 403


def test_a_file_without_end_is_refused_and_nothing_of_it_stays(
    mailer: Mailer, editor: Browser
) -> None:
    there = {path.name for path in mailer.settings.data_dir.iterdir()}

    for content in (b"a" + b"\n" * 5_000_000, b"Email" + b"," * 501 + b"\na@a.example\n", b"PK"):
        answer = uploaded(editor, content)

        assert answer.status_code == 422
        assert "There is a problem" in visible_text(answer)
    assert {path.name for path in mailer.settings.data_dir.iterdir()} == there


def test_a_newsletter_that_is_not_there_is_a_sentence_beside_the_columns(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page = uploaded(editor, PEOPLE.encode()).request.path
    chosen = {"column-0": "email", f"column-{'9' * 5_000}": "name", "newsletter": "999999"}

    answer = editor.submit(page, {**chosen, "basis": "Kept words"})

    assert answer.status_code == 422
    assert "Choose a newsletter of the list." in visible_text(answer)
    assert 'value="Kept words"' in answer.text


def test_a_value_about_permission_is_explained_by_a_person_before_anything_is_taken_in(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    seen = uploaded(editor, b"Email,Name,Newsletter\nx@a.example,Xu,perhaps\ny@a.example,Yi,yes\n")
    page = seen.request.path
    field = re.search(r'name="(means-2-[0-9a-f]{16})"', seen.text)
    chosen = {"column-0": "email", "column-1": "name", "column-2": "permission"}
    chosen |= {"newsletter": "1", "basis": "Members asked"}
    assert field

    refused = editor.submit(page, chosen)
    nonsense = editor.submit(page, {**chosen, field[1]: "surely"})
    checked = editor.submit(page, {**chosen, field[1]: "no"})
    passed_over = editor.submit(page, {**chosen, "column-2": ""})

    assert "What does this mean?" in visible_text(seen)
    for answer in (refused, nonsense):
        assert answer.status_code == 422
        assert "Say what “perhaps” means in the column “Newsletter”." in visible_text(answer)
    assert "New 2" in visible_text(checked)
    assert "In 1 row the file says no: they are not subscribed." in visible_text(checked)
    assert passed_over.status_code == 200


def test_a_file_without_names_is_taken_in_once_a_person_says_yes(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    seen = uploaded(editor, b"Email,Council\nx@a.example,Aldmor\n")
    page, chosen = seen.request.path, {"column-0": "email", "column-1": "organisation"}

    refused = editor.submit(page, {**chosen, "basis": "Kept words"})
    checked = editor.submit(page, {**chosen, "accept-without-names": "yes"})
    again = editor.get(page)

    assert "Nobody in this file would have a name." in visible_text(seen)
    assert refused.status_code == 422
    assert "Nobody in this file would have a name." in visible_text(refused)
    assert 'value="Kept words"' in refused.text
    assert "New 1" in visible_text(checked)
    assert re.search(r'name="accept-without-names"[^>]*checked', again.text)


def test_a_column_of_names_answers_for_a_file_without_names(cast: Cast, editor: Browser) -> None:
    seen = uploaded(editor, b"Email,Who\nx@a.example,Xu\n")
    chosen = {"column-0": "email", "column-1": "name"}

    checked = editor.submit(seen.request.path, chosen)

    assert "Nobody in this file would have a name." in visible_text(seen)
    assert "New 1" in visible_text(checked)


def test_a_file_named_for_people_who_left_is_asked_about_where_it_would_subscribe(
    cast: Cast, editor: Browser
) -> None:
    sent = {"file": (io.BytesIO(b"Email,Name\nx@a.example,Xu\n"), "unsubscribed_may.csv")}
    seen = editor.submit("/contacts/import/", sent)
    page, chosen = seen.request.path, {"column-0": "email", "column-1": "name"}
    subscribing = {**chosen, "newsletter": "1", "basis": "Members asked"}

    refused = editor.submit(page, subscribing)
    accepted = editor.submit(page, {**subscribing, "accept-file-name": "yes"})

    assert refused.status_code == 422
    assert "By the name of this file these people are not subscribed" in visible_text(refused)
    assert "New 1" in visible_text(accepted)
    assert editor.submit(page, chosen).status_code == 200


def test_a_file_is_chosen_to_be_a_do_not_email_list(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    seen = uploaded(editor, b"Email,Subscribed\nx@a.example,perhaps\nbob@bexmoor.example,yes\n")
    page = seen.request.path

    checked = editor.submit(
        page, {"column-0": "email", "column-1": "permission", "kind": "do-not-email"}
    )
    editor.submit(page.replace("columns", "check"))
    number = int(page.split("/")[3])
    importing.run(mailer.database, number, clock=mailer.clock)

    assert "These addresses go on the do-not-email list" in visible_text(checked)
    with mailer.database.reading() as session:
        stopped = set(session.scalars(select(Suppression.address_key)))
    assert {"x@a.example", "bob@bexmoor.example"} <= stopped


def test_a_guessed_encoding_is_shown_and_another_can_be_chosen(editor: Browser) -> None:
    seen = uploaded(editor, (CASES / "polish-cp1250.csv").read_bytes())
    place = seen.request.path.replace("columns", "encoding")

    other = editor.submit(place, {"encoding": "cp1252"})
    wrong = editor.submit(place, {"encoding": "utf-8"})

    assert "This is a guess. Right now it reads: Łukasz, Żak" in visible_text(seen)
    assert "£ukasz ¯ak" in visible_text(other)
    assert wrong.status_code == 422
    assert "does not read as UTF-8" in visible_text(wrong)


def test_a_check_names_who_is_new_who_changes_and_what_is_made(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    sent = (
        "Email,Name,Organisation,Role,Tags\n"
        "xu@newmoor.example,Xu Young,Newmoor Council,Leader,housing\n"
        "carol@carrdale.example,Carol Castell,Carrdale Council,,\n"
        + "".join(f"p{n}@newmoor.example,Person {n},Newmoor Council,,\n" for n in range(9))
    )
    page = uploaded(editor, sent.encode()).request.path
    columns = ("email", "name", "organisation", "role", "tags")

    chosen = {f"column-{place}": field for place, field in enumerate(columns)}
    seen = visible_text(editor.submit(page, chosen))

    assert "New people Xu Young, Person 0, Person 1" in seen
    assert "Person 6 and 2 more" in seen
    assert "People who change Carol Castell Organisations" in seen
    assert "Organisations that are made Carrdale Council, Newmoor Council" in seen
    assert "Roles that are made Leader Tags that are made housing" in seen
    with mailer.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 3
