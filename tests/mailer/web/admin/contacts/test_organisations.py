"""The pages of organisations, and the category that their people have through them."""

from datetime import date

from sqlalchemy import select

from contacts.models import Organisation
from mailer.bootstrap import Mailer
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text


def test_the_list_counts_people_and_can_be_narrowed(cast: Cast, editor: Browser) -> None:
    editor.submit("/organisations/new", {"name": "Bexmoor Trust"})

    every = visible_text(editor.get("/organisations/"))
    full = visible_text(editor.get("/organisations/?category=full"))
    none = visible_text(editor.get("/organisations/?category=none&text=tru"))

    assert "2 organisations." in every
    assert "Aldmor Council Full – 1" in every
    assert "1 organisation matches." in full
    assert "Bexmoor Trust No category – 0" in none


def test_an_organisations_page_lists_its_people(cast: Cast, viewer: Browser) -> None:
    seen = visible_text(viewer.get("/organisations/aldmor-council"))

    assert "1 person" in seen
    assert "Cllr Alice Adeyemi alice@aldmor.example Members' Update" in seen


def test_people_inherit_a_changed_category_and_the_url_stays(cast: Cast, editor: Browser) -> None:
    page = "/organisations/aldmor-council/edit"
    form = visible_text(editor.get(page))

    saved = editor.submit(page, {"name": "Aldmor & Carrdale", "category": "associate"})

    assert "Everybody at this organisation has it through the organisation" in form
    assert saved.request.path == "/organisations/aldmor-council"
    assert "Aldmor & Carrdale" in visible_text(saved)
    assert "Associate from Aldmor & Carrdale" in visible_text(editor.get(f"/people/{cast.alice}"))


def test_since_when_it_is_a_member_is_kept_and_a_page_that_says_nothing_keeps_it(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page = "/organisations/aldmor-council/edit"
    said = {"name": "Aldmor Council", "category": "full"}

    wrong = editor.submit(page, {**said, "member_since": "lately"})
    editor.submit(page, {**said, "member_since": "2026-11-09"})
    editor.submit(page, said)

    assert "Write a day as year, month and day" in visible_text(wrong)
    with mailer.database.reading() as session:
        since = session.scalars(select(Organisation.member_since)).one()
    assert since == date(2026, 11, 9)
    assert 'value="2026-11-09"' in editor.get(page).text


def test_two_organisations_cannot_have_one_name(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    added = editor.submit("/organisations/new", {"name": "aldmor  COUNCIL"})
    empty = editor.submit("/organisations/new", {"name": "  "})

    assert (added.status_code, empty.status_code) == (422, 422)
    assert "There is an organisation called Aldmor Council." in visible_text(added)
    assert 'value="aldmor  COUNCIL"' in added.text
    with mailer.database.reading() as session:
        assert len(session.scalars(select(Organisation)).all()) == 1


def test_an_unknown_organisation_is_not_found(viewer: Browser) -> None:
    assert viewer.get("/organisations/atlantis").status_code == 404


def test_a_category_that_is_not_there_is_a_sentence(cast: Cast, editor: Browser) -> None:
    answer = editor.submit("/organisations/new", {"name": "Carrdale Trust", "category": "gone"})

    assert answer.status_code == 422
    assert "That category is no longer there." in visible_text(answer)
    assert 'value="Carrdale Trust"' in answer.text
