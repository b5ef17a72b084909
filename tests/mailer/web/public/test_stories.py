"""The form for stories: by a link alone, without an account; nothing typed is lost, and no link of
somebody else opens it."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from mailer.bootstrap import Mailer
from mailer.gathering.stories import asking, links
from mailer.gathering.stories.choosing import WantedPeople
from mailer.gathering.stories.request_mail import WrittenRequest
from mailer.models import LibraryItem, LibraryPicture, StoryAsk
from mailer.security.tokens import Purpose
from tests.factories import TESTER, Cast
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock

WHOLE = {"headline": "Our wood", "text": "Sixty of us own it.", "publish": "yes"}


@pytest.fixture
def page(mailer: Mailer, cast: Cast) -> str:
    """The address of Alice's form."""
    now = mailer.clock()
    with mailer.database.writing() as session:
        due = now.date() + timedelta(days=9)
        asking.ask(
            session,
            WrittenRequest("What happened?", "Tell us <b>all</b>.", due),
            WantedPeople(people=(cast.alice,)),
            site="",
            tokens=mailer.tokens,
            actor=TESTER,
            now=now,
        )
        made = session.scalars(select(StoryAsk)).one()
        return links.address("", mailer.tokens, made)


def stories(mailer: Mailer) -> list[LibraryItem]:
    with mailer.database.reading() as session:
        return list(session.scalars(select(LibraryItem).order_by(LibraryItem.id)))


def a_file(kind: str = "PNG", **more: object) -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (10, 90, 160)).save(file, kind, **more)
    file.seek(0)
    return file, f"wood.{kind.lower()}"


def test_a_story_comes_by_the_link_alone_without_a_cookie_or_a_token_of_a_form(
    mailer: Mailer, visitor: Browser, page: str
) -> None:
    assert "What happened?" in visible_text(visitor.get(page))

    answer = visitor.post_bare(
        page, data={**WHOLE, "picture1": a_file(), "alt1": "A wood", "may_be_named": "Ada"}
    )

    assert answer.status_code == 200
    assert "Thank you" in visible_text(answer)
    (story,) = stories(mailer)
    assert story.title == "Our wood"
    assert story.fields["image_alt"] == "A wood"
    assert visitor.get(story.fields["image"]).status_code == 200


def test_looking_changes_nothing(mailer: Mailer, visitor: Browser, page: str) -> None:
    for _ in range(3):
        assert visitor.get(page).status_code == 200
        assert visitor.head(page).status_code == 200
    assert visitor.get(f"{page}/nothing").status_code == 405

    assert stories(mailer) == []
    with mailer.database.reading() as session:
        assert session.scalars(select(StoryAsk)).one().declined_at is None


def test_what_is_wrong_keeps_everything_that_was_typed_and_the_picture(
    mailer: Mailer, visitor: Browser, page: str
) -> None:
    typed = {"headline": "Our <i>wood</i>", "text": "", "link": "example", "may_be_named": "Ada"}
    first = visitor.post_bare(page, data={**typed, "picture2": a_file(), "alt2": "A wood"})

    assert first.status_code == 422
    assert 'value="Our &lt;i&gt;wood&lt;/i&gt;"' in first.text
    assert 'value="example"' in first.text
    assert 'value="A wood"' in first.text
    kept = re.search(r'name="kept2" value="([0-9a-f]{40}\.png)"', first.text)
    assert kept
    assert stories(mailer) == []
    assert visitor.get(f"/pictures/{kept[1]}").status_code == 200

    again = visitor.post_bare(page, data={**WHOLE, "kept2": kept[1], "alt2": "A wood"})

    assert again.status_code == 200
    (story,) = stories(mailer)
    assert story.fields["image"] == f"/pictures/{kept[1]}"
    with mailer.database.reading() as session:
        assert session.scalars(select(LibraryPicture)).one().words == "A wood"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({**WHOLE, "publish": ""}, "your word that it may be published"),
        ({**WHOLE, "headline": "x" * 300}, "Shorten this"),
        ({**WHOLE, "text": "x" * 30_000}, "Shorten this"),
        ({**WHOLE, "link": "javascript:alert(1)"}, "Write the address in full"),
    ],
)
def test_a_problem_is_said_in_words(
    mailer: Mailer, visitor: Browser, page: str, data: dict[str, str], said: str
) -> None:
    answer = visitor.post_bare(page, data=data)

    assert answer.status_code == 422
    assert said in visible_text(answer)
    assert stories(mailer) == []


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
        b"GIF89a" + b"\xff" * 50,
    ],
    ids=["svg", "png", "gif"],
)
def test_a_file_that_is_no_picture_is_refused_whatever_its_name_says(
    mailer: Mailer, visitor: Browser, page: str, content: bytes
) -> None:
    answer = visitor.post_bare(
        page, data={**WHOLE, "picture1": (io.BytesIO(content), "wood.jpg"), "alt1": "A wood"}
    )

    assert answer.status_code == 422
    assert "This is no picture" in visible_text(answer)
    assert 'value="Our wood"' in answer.text
    assert stories(mailer) == []


def test_what_a_camera_writes_into_a_picture_does_not_reach_the_store(
    mailer: Mailer, visitor: Browser, page: str
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "At home, 1 Commons Row"
    visitor.post_bare(page, data={**WHOLE, "picture1": a_file("JPEG", exif=exif), "alt1": "A wood"})

    (story,) = stories(mailer)
    assert b"Commons Row" not in visitor.get(story.fields["image"]).data


@pytest.mark.parametrize(
    "kept", ["../../circular.db", "0" * 40 + ".png", "x" * 48, "<script>", "0" * 40 + ".svg"]
)
def test_a_picture_that_was_never_sent_is_none(
    mailer: Mailer, visitor: Browser, page: str, kept: str
) -> None:
    answer = visitor.post_bare(page, data={**WHOLE, "kept1": kept, "alt1": "x"})

    assert answer.status_code == 200
    assert "image" not in stories(mailer)[0].fields


def test_more_than_the_form_takes_is_refused_at_the_door(visitor: Browser, page: str) -> None:
    answer = visitor.post_bare(page, data={"text": "x" * (21 * 1024 * 1024)})

    assert answer.status_code == 413


def test_nothing_this_time_is_one_press(mailer: Mailer, visitor: Browser, page: str) -> None:
    answer = visitor.post_bare(f"{page}/nothing")

    assert answer.status_code == 200
    assert "Nothing this time" in visible_text(answer)
    with mailer.database.reading() as session:
        assert session.scalars(select(StoryAsk)).one().declined_at is not None


def test_who_comes_again_finds_their_own_draft_and_changes_it(
    mailer: Mailer, visitor: Browser, page: str
) -> None:
    visitor.post_bare(page, data={**WHOLE, "picture1": a_file(), "alt1": "A wood"})

    shown = visitor.get(page).text
    assert 'value="Our wood"' in shown
    assert "Sixty of us own it." in shown
    visitor.post_bare(page, data={**WHOLE, "headline": "Our forest"})

    (story,) = stories(mailer)
    assert story.title == "Our forest"


def test_after_its_time_the_form_is_closed_and_says_how_to_get_on(
    mailer: Mailer, visitor: Browser, page: str, clock: MovedClock
) -> None:
    clock.moved = timedelta(days=23)
    assert visitor.get(page).status_code == 200
    clock.moved = timedelta(days=25)

    for answer in (
        visitor.get(page),
        visitor.post_bare(page, data=WHOLE),
        visitor.post_bare(f"{page}/nothing"),
    ):
        assert answer.status_code == 410
        assert "update@network.example" in visible_text(answer)
    assert stories(mailer) == []


def test_links_of_other_kinds_and_made_up_ones_open_nothing(
    mailer: Mailer, visitor: Browser, page: str
) -> None:
    token = page.rpartition("/")[2]
    made_up = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        mailer.tokens.seal(Purpose.OWN_CHOICES, 1),
        mailer.tokens.seal(Purpose.STORY, 999),
        "x",
        "..%2f..%2fetc",
    ]

    for each in made_up:
        assert visitor.get(f"/story/{each}").status_code == 404
        assert visitor.post_bare(f"/story/{each}", data=WHOLE).status_code == 404
    assert stories(mailer) == []


def test_who_guesses_links_is_stopped_and_who_has_one_is_not(visitor: Browser, page: str) -> None:
    answers = [visitor.get("/story/guess").status_code for _ in range(21)]

    assert answers[-1] == 429
    assert visitor.get(page).status_code == 200


def test_no_mark_of_a_stranger_becomes_markup_for_officers(
    mailer: Mailer, visitor: Browser, editor: Browser, page: str
) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    visitor.post_bare(
        page, data={**WHOLE, "headline": hostile, "text": hostile, "may_be_named": hostile}
    )

    (story,) = stories(mailer)
    for path in ("/", "/library", f"/library/{story.id}", "/library/requests/1"):
        assert "<script>alert" not in editor.get(path).text, path
        assert "<img src=x" not in editor.get(path).text, path
    assert "A story came in" in visible_text(editor.get("/"))
