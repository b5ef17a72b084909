"""People who are ticked in the list: tagged together, and taken away as a file."""

from contacts.people import editing
from mailer.bootstrap import Mailer
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text

LIST, TAG, EXPORT = "/people/", "/people/chosen/tag", "/people/chosen/export"


def test_ticked_people_are_tagged_and_the_list_stays_as_it_was(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page = "/people/?newsletter=members-update&sort=organisation"
    ticked = {"chosen": [str(cast.alice), str(cast.carol)], "label": "Retrofit"}
    as_it_was = {"newsletter": "members-update", "sort": "organisation"}

    answer = editor.submit(page, {**ticked, **as_it_was}, to=TAG)
    again = editor.submit(page, {**ticked, "label": "retrofit"}, to=TAG)

    assert "2 people tagged “Retrofit”." in visible_text(answer)
    assert answer.request.full_path == page
    assert "0 people tagged “Retrofit”. 2 had it already." in visible_text(again)
    with mailer.database.reading() as session:
        assert [tag.name for tag in editing.person(session, cast.alice).tags] == ["Retrofit"]
        assert editing.person(session, cast.bob).tags == []


def test_tagging_nobody_or_with_nothing_says_what_to_do(cast: Cast, editor: Browser) -> None:
    nobody = editor.submit(LIST, {"label": "Retrofit"}, to=TAG)
    nothing = editor.submit(LIST, {"chosen": str(cast.bob), "label": " "}, to=TAG)
    nonsense = editor.submit(LIST, {"chosen": ["x", "9" * 40], "label": "Retrofit"}, to=TAG)

    for answer in (nobody, nonsense):
        assert "Tick the people in the list first" in visible_text(answer)
    assert "Write the tag that the chosen people get." in visible_text(nothing)


def test_only_ticked_people_are_in_the_file(cast: Cast, editor: Browser) -> None:
    ticked = {"chosen": [str(cast.alice), str(cast.carol)]}

    answer = editor.submit(LIST, ticked, to=EXPORT)
    nobody = editor.submit(LIST, {}, to=EXPORT)

    assert answer.mimetype == "text/csv"
    assert 'filename="chosen-people.csv"' in answer.headers["Content-Disposition"]
    assert [line.split(",")[3] for line in answer.text.splitlines()[1:]] == [
        '"alice@aldmor.example"',
        '"carol@carrdale.example"',
    ]
    assert "Tick the people in the list first" in visible_text(nobody)


def test_a_viewer_ticks_nobody(cast: Cast, viewer: Browser) -> None:
    assert 'name="chosen"' not in viewer.get(LIST).text
    for page in (TAG, EXPORT):
        assert viewer.submit(LIST, {"chosen": str(cast.bob)}, to=page).status_code == 403
