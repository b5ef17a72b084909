"""Pages of the library, and the library in the composer: what each role sees, and what it does."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from contacts.database import Database
from contacts.organisations.adding import add_organisation
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.kinds.catalogue import FIELDS, KINDS
from mailer.bootstrap import Mailer
from mailer.models import Campaign, ItemState, LibraryItem, LibraryPicture
from tests.factories import NOW, TESTER, Cast, a_campaign, an_item
from tests.mailer.web.browser import Browser, visible_text
from tests.test_architecture import ROOT

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "blocks": [
        {"id": "a", "type": "text", "text": "Words."},
        {
            "id": "e",
            "type": "event_list",
            "heading": "Coming up",
            "events": [{"title": "Webinar", "start": "2026-12-09"}],
        },
    ],
}


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> str:
    with mailer.database.writing() as session:
        made = a_campaign(session, cast.newsletter, DOCUMENT, month="2026-12", slug="2026-12")
        return f"/issues/members-update/{made.slug}"


def one(mailer: Mailer, kind: str = "story", **fields: str) -> int:
    with mailer.database.writing() as session:
        return an_item(session, kind, **fields).id


def kept(database: Database, item_id: int) -> LibraryItem:
    with database.reading() as session:
        return session.get_one(LibraryItem, item_id)


def blocks_of(mailer: Mailer) -> list[dict[str, Any]]:
    with mailer.database.reading() as session:
        found: list[dict[str, Any]] = session.scalars(select(Campaign)).one().document["blocks"]
        return found


def a_file() -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (600, 400), "green").save(file, "PNG")
    file.seek(0)
    return file, "wood.png"


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_field_of_every_kind_is_in_its_form_and_is_kept(
    mailer: Mailer, editor: Browser, kind: str
) -> None:
    with mailer.database.writing() as session:
        example = an_item(session, kind).fields
    page = f"/library/new/{kind}"
    shown = editor.get(page).text

    answer = editor.submit(page, {**example, "then": "ready"})

    for field in FIELDS[kind]:
        assert f'name="{field.name}"' in shown
    assert "Saved, and ready." in visible_text(answer)
    made = kept(mailer.database, 2)
    assert (made.fields, made.state) == (example, ItemState.READY)


def test_what_is_missing_is_said_and_what_was_written_is_kept(
    mailer: Mailer, editor: Browser
) -> None:
    typed = {"headline": "Orchard", "text": "Apples.", "image": "", "image-file": a_file()}

    answer = editor.submit("/library/new/story", {**typed, "then": "ready"})

    text = visible_text(answer)
    assert "Saved as a draft: something is missing." in text
    assert "Before an issue can have it: Say what the picture shows" in text
    made = kept(mailer.database, 1)
    assert made.state is ItemState.DRAFT
    with mailer.database.reading() as session:
        picture = session.scalars(select(LibraryPicture)).one()
    assert made.fields["image"] == f"/pictures/{picture.name}"
    missing = editor.submit("/library/1", to="/library/1/ready")
    assert missing.status_code == 422
    assert "Say what the picture shows" in visible_text(missing)


def test_what_cannot_be_kept_stays_in_the_form(mailer: Mailer, editor: Browser) -> None:
    answer = editor.submit("/library/new/story", {"text": "A <b>long</b> text"})

    assert answer.status_code == 422
    assert "Say in a few words what it is about." in visible_text(answer)
    assert "A &lt;b&gt;long&lt;/b&gt; text" in answer.text
    with mailer.database.reading() as session:
        assert session.scalars(select(LibraryItem)).all() == []


def test_two_officers_who_write_at_once_lose_nothing(mailer: Mailer, editor: Browser) -> None:
    item = one(mailer)
    page = editor.get(f"/library/{item}").text
    with mailer.database.writing() as session:
        theirs = WrittenItem({"headline": "Our wood", "text": "Theirs."})
        items.edit(session, item, theirs, expected=1, actor=TESTER, now=NOW)

    answer = editor.submit(
        f"/library/{item}", {"headline": "Our wood", "text": "Mine.", "revision": "1"}
    )

    assert 'name="revision" value="1"' in page
    assert answer.status_code == 422
    assert "Somebody else changed this" in visible_text(answer)
    assert "Mine." in answer.text
    assert kept(mailer.database, item).fields["text"] == "Theirs."


def test_the_list_is_narrowed_and_says_where_each_is(
    mailer: Mailer, issue: str, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        place = add_organisation(session, "Wyeham Council", category=None, now=NOW)
        session.flush()
        items.make(
            session,
            "story",
            WrittenItem({"headline": "Orchard"}, place.id),
            actor=TESTER,
            now=NOW,
        )
        number = place.id
    one(mailer, "event", title="Long ago", start="2026-01-12")
    one(mailer, "event")

    everything = visible_text(editor.get("/library"))
    drafts = visible_text(editor.get(f"/library?state=draft&organisation={number}"))
    events = visible_text(editor.get("/library?type=event&view=cards"))
    nothing = visible_text(editor.get("/library?text=zebra"))

    assert "2 are ready to add. 1 is not finished." in everything
    assert "It is over." in everything
    assert "Orchard" in drafts
    assert "Fill in “Text”." in drafts
    assert "Winter conference" not in drafts
    assert events.index("Winter conference") < events.index("Long ago")
    assert "Nothing is like that" in nothing
    assert issue


def test_one_press_adds_what_is_ready_and_undo_frees_it(
    mailer: Mailer, issue: str, editor: Browser
) -> None:
    item = one(mailer, "event")
    listed = editor.get("/library").text
    button = re.search(r'name="issue" value="(\d+)"', listed)
    assert button

    answer = editor.submit("/library", {"issue": button[1]}, to=f"/library/{item}/add")

    assert "Add to December" in listed
    assert "“Winter conference” is in December." in visible_text(answer)
    assert [each["title"] for each in blocks_of(mailer)[1]["events"]] == [
        "Webinar",
        "Winter conference",
    ]
    assert "In December" in visible_text(editor.get(f"/library/{item}"))
    twice = editor.submit("/library/new/story", {"issue": button[1]}, to=f"/library/{item}/add")
    assert twice.status_code == 409
    assert "is in this issue already" in visible_text(twice)
    editor.submit(f"{issue}/compose", to=f"{issue}/compose/undo")
    assert blocks_of(mailer) == DOCUMENT["blocks"]
    assert "Ready" in visible_text(editor.get(f"/library/{item}"))


def test_the_palette_and_its_page_offer_what_is_ready_and_not_over(
    mailer: Mailer, issue: str, editor: Browser
) -> None:
    story = one(mailer)
    one(mailer, "event", title="Long ago", start="2026-01-12")

    palette = visible_text(editor.get(f"{issue}/compose?add=a"))
    page = visible_text(editor.get(f"{issue}/compose/from-library?after=a"))
    answer = editor.submit(
        f"{issue}/compose?add=a",
        {"item": str(story), "after": "a"},
        to=f"{issue}/compose/from-library",
    )

    assert "Ready in the library" in palette
    assert "Our wood" in palette
    assert "Long ago" not in palette
    assert "Long ago It is over." in page.replace("  ", " ")
    assert "“Our wood” is in the issue." in visible_text(answer)
    assert [each["type"] for each in blocks_of(mailer)] == ["text", "story", "event_list"]
    assert "Our wood" not in visible_text(editor.get(f"{issue}/compose/from-library"))


def test_a_form_of_a_list_keeps_where_its_entries_came_from(
    mailer: Mailer, issue: str, editor: Browser
) -> None:
    item = one(mailer, "event")
    editor.submit("/library", {"issue": "1"}, to=f"/library/{item}/add")
    opened = f"{issue}/compose?open=e"
    source = re.search(r'name="(events-\d-source)" value="([^"]+)"', editor.get(opened).text)
    assert source
    rows = {
        "heading": "Coming up",
        "events-rows": "2",
        "events-0-title": "Webinar",
        "events-0-start": "2026-12-09",
        "events-1-title": "The winter conference",
        "events-1-start": "2027-01-12",
        source[1]: source[2],
    }

    editor.submit(opened, rows, to=f"{issue}/compose/e")

    events = blocks_of(mailer)[1]["events"]
    assert events[1] == {
        "title": "The winter conference",
        "start": "2027-01-12",
        "source": f"{item}.1",
    }


def test_a_block_says_that_the_library_has_changed_and_takes_it_by_a_press(
    mailer: Mailer, issue: str, editor: Browser
) -> None:
    item = one(mailer)
    editor.submit("/library", {"issue": "1"}, to=f"/library/{item}/add")
    block = next(each["id"] for each in blocks_of(mailer) if each["type"] == "story")
    before = visible_text(editor.get(f"{issue}/compose"))
    editor.submit(f"/library/{item}", {"headline": "Our wood", "text": "Ninety of us."})

    said = visible_text(editor.get(f"{issue}/compose"))
    unchanged = next(each for each in blocks_of(mailer) if each["id"] == block)
    answer = editor.submit(f"{issue}/compose", to=f"{issue}/compose/{block}/from-library")

    assert "Changed in the library" not in before
    assert "Changed in the library since: Our wood" in said
    assert re.search(r"What would be different Text \[removed: Sixty", said)
    assert unchanged["text"] == "Sixty of us own it."
    assert "says what the library says." in visible_text(answer)
    assert "Changed in the library" not in visible_text(editor.get(f"{issue}/compose"))
    assert next(each for each in blocks_of(mailer) if each["id"] == block)["text"] == (
        "Ninety of us."
    )


def test_a_viewer_reads_and_is_told_who_can_write(
    mailer: Mailer, issue: str, viewer: Browser, editor: Browser
) -> None:
    item = one(mailer, rights="By e-mail on 2 November.")

    listed, shown = viewer.get("/library"), viewer.get(f"/library/{item}")

    assert issue
    assert editor
    assert "Only contributors can do this. Vera Editor can." in visible_text(listed)
    assert "By e-mail on 2 November." in visible_text(shown)
    for page in (listed.text, shown.text):
        assert f"/library/{item}/" not in page
        assert "Add to December" not in page
    assert viewer.get("/library/new/story").status_code == 403


def test_the_bin_takes_and_gives_back(mailer: Mailer, editor: Browser) -> None:
    item = one(mailer)

    editor.submit(f"/library/{item}", to=f"/library/{item}/bin")
    listed, binned = editor.get("/library").text, visible_text(editor.get("/library?state=bin"))
    shown = visible_text(editor.get(f"/library/{item}"))
    editor.submit(f"/library/{item}", to=f"/library/{item}/put-back")

    assert f'href="/library/{item}"' not in listed
    assert "Our wood" in binned
    assert "removed for good thirty days after that" in shown
    assert "Our wood" in visible_text(editor.get("/library"))


def test_history_names_each_act(mailer: Mailer, editor: Browser) -> None:
    item = one(mailer)
    editor.submit(f"/library/{item}", {"headline": "Our wood", "text": "More."})

    shown = visible_text(editor.get(f"/library/{item}"))

    assert "Changed, Vera Editor" in shown
    assert "Said to be ready" in shown


def test_what_is_hostile_is_shown_as_words(mailer: Mailer, editor: Browser) -> None:
    evil = "<script>alert(1)</script>\u202e"
    with mailer.database.writing() as session:
        fields = {"headline": evil, "text": evil, "image": 'https://a.example/p.png"onerror="'}
        item = items.make(session, "story", WrittenItem(fields), actor=TESTER, now=NOW).id

    for page in ("/library", "/library?view=cards", f"/library/{item}", "/search?q=alert"):
        answer = editor.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert '"onerror=' not in answer.text


def test_every_kind_has_a_drawing() -> None:
    drawn = (ROOT / "mailer/web/static/icons.svg").read_text()

    for kind in KINDS.values():
        assert f'id="i-{kind.drawing}"' in drawn
        assert f'id="k-{kind.block.drawing}"' in drawn
