"""The builder of segments, button by button, without a script."""

from typing import Any

import pytest
from sqlalchemy import select

from contacts.models import Segment
from mailer.bootstrap import Mailer
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text

_FULL = {
    "rules": "1",
    "match": "all",
    "rule-1-field": "category",
    "rule-1-was": "category",
    "rule-1-op": "any_of",
    "rule-1-values": ["full"],
}


def _build(editor: Browser, do: str, **more: Any) -> Any:
    return editor.submit("/segments/new", {**_FULL, "do": do, **more}, to="/segments/build")


def test_counting_shows_the_number_the_sentence_and_some_people(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    answer = _build(editor, "count")
    seen = visible_text(answer)

    assert answer.status_code == 200
    assert "In words People in Full organisations." in seen
    assert "Who matches now 1 person" in seen
    assert "1 can be emailed Members' Update." in seen
    assert "Some of them AA Cllr Alice Adeyemi Aldmor Council" in seen
    with mailer.database.reading() as session:
        assert session.scalars(select(Segment)).all() == []


def test_who_cannot_be_emailed_is_counted_with_the_reasons(cast: Cast, editor: Browser) -> None:
    seen = visible_text(_build(editor, "count", rules="0"))

    assert "Everybody." in seen
    assert "3 people" in seen
    assert "1 can be emailed Members' Update. 2 on it can’t: why" in seen
    assert "address bounced before 1" in seen
    assert "not confirmed yet 1" in seen


def test_a_rule_is_added_and_taken_away_and_what_was_ticked_stays(
    cast: Cast, editor: Browser
) -> None:
    added = _build(editor, "add").text
    assert 'name="rule-2-field"' in added
    assert 'value="full" checked' in added
    assert "There is a problem" not in added
    assert 'formaction="/segments/build#rule-3"' in added

    removed = _build(editor, "remove-1").text
    assert 'name="rule-1-field"' not in removed
    assert "Without a rule, everybody matches." in visible_text(_build(editor, "remove-1"))


def test_another_subject_forgets_what_was_ticked_about_the_one_before(
    cast: Cast, editor: Browser
) -> None:
    answer = _build(editor, "count", **{"rule-1-field": "newsletter"})

    assert 'name="rule-1-values" value="members-update"' in answer.text
    assert "checked" not in answer.text.partition('id="rule-1"')[2].partition("</fieldset>")[0]
    assert "Rule 1. Newsletter: choose at least one." in visible_text(answer)


def test_organisations_are_written_by_name(cast: Cast, editor: Browser) -> None:
    rule = {"rule-1-field": "organisation", "rule-1-was": "organisation"}
    known = _build(editor, "count", **rule, **{"rule-1-names": " aldmor council \r\n\r\n"})
    unknown = _build(editor, "count", **rule, **{"rule-1-names": "Aldmor Council\nAtlantis"})

    assert "People at Aldmor Council." in visible_text(known)
    assert "Rule 1. No organisation is called Atlantis." in visible_text(unknown)
    assert "Atlantis</textarea>" in unknown.text


def test_one_person_is_checked_against_every_rule(cast: Cast, editor: Browser) -> None:
    alice = visible_text(_build(editor, "check", person="alice@aldmor.example"))
    bob = visible_text(_build(editor, "check", person="bob"))
    nobody = visible_text(_build(editor, "check", person="zebra"))

    assert "Cllr Alice Adeyemi : Yes" in alice
    assert "Bob Bell : No fails rule 1" in bob
    assert "Nobody is called “zebra”." in nobody


def test_a_rule_that_leaves_nobody_is_named(cast: Cast, editor: Browser) -> None:
    seen = visible_text(_build(editor, "count", **{"rule-1-values": ["affiliate"]}))

    assert "0 people Rule 1 leaves nobody." in seen


def test_a_segment_is_saved_edited_and_used_by_its_name(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    saved = editor.submit("/segments/new", {**_FULL, "name": "Full members", "do": "save"})
    edited = editor.submit(
        "/segments/full-members/edit",
        {**_FULL, "name": "Voting members", "rule-1-op": "none_of", "do": "save"},
    )

    assert "Full members is saved." in visible_text(saved)
    assert edited.request.path == "/segments/full-members"
    assert "Voting members" in visible_text(edited)
    assert "People not in Full organisations." in visible_text(edited)
    listed = visible_text(editor.get("/segments/"))
    assert "Voting members People not in Full organisations. 2 nothing yet" in listed


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Give the segment a name"),
        ({"rule-1-values": []}, "Rule 1. Category: choose at least one."),
        ({"rule-1-op": "like"}, "Rule 1. Category: choose “is any of” or “is none of”."),
    ],
)
def test_invalid_rules_are_a_sentence_and_the_form_keeps_what_was_typed(
    mailer: Mailer, cast: Cast, editor: Browser, change: dict[str, Any], sentence: str
) -> None:
    typed = {**_FULL, "name": "Kept words", "do": "save", **change}
    answer = editor.submit("/segments/new", typed)

    assert answer.status_code == 422
    assert sentence in visible_text(answer)
    assert typed["name"] in answer.text
    with mailer.database.reading() as session:
        assert session.scalars(select(Segment)).all() == []


def test_a_viewer_sees_a_segment_and_asks_about_people(
    mailer: Mailer, cast: Cast, editor: Browser, viewer: Browser
) -> None:
    editor.submit("/segments/new", {**_FULL, "name": "Full members", "do": "save"})

    seen = visible_text(viewer.get("/segments/full-members?person=carol&newsletter=members-update"))

    assert "Carol Castell : No fails rule 1" in seen
    assert "Edit" not in seen


def test_groups_in_groups_are_shown_and_left_alone(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    inner = {"match": "any", "rules": [{"field": "category", "op": "any_of", "values": ["full"]}]}
    with mailer.database.writing() as session:
        session.add(
            Segment(
                slug="nested",
                name="Nested",
                rules={"match": "all", "rules": [inner]},
                created_at=mailer.clock(),
                updated_at=mailer.clock(),
            )
        )

    shown = visible_text(editor.get("/segments/nested"))
    edit = editor.get("/segments/nested/edit")

    assert "People (in Full organisations)." in shown
    assert edit.status_code == 302
