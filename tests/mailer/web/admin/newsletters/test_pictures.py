"""Pictures in the pages: taken in, described, cropped, shown to everybody, refused in words."""

import io
import re

import pytest

from mailer.web.admin.newsletters import pictures
from mailer.web.front import bounds
from tests.mailer.authoring.pictures.drawing import a_bomb, a_file, opened
from tests.mailer.web.browser import Browser, visible_text

LIBRARY = "/library/pictures/"


def upload(editor: Browser, data: bytes, **fields: str):  # type: ignore[no-untyped-def]  # a test client's answer
    file = (io.BytesIO(data), "street.png")
    return editor.submit(LIBRARY, {"file": file, **fields})


@pytest.fixture
def picture(editor: Browser) -> str:
    """The page of a picture that is in the library."""
    answer = upload(editor, a_file("PNG"), words="A street")
    assert answer.status_code == 200, visible_text(answer)
    return str(answer.request.path)


def test_a_picture_is_taken_in_and_shown_to_everybody(
    picture: str, editor: Browser, visitor: Browser
) -> None:
    page = editor.get(picture)
    address = re.search(r"<code>(/pictures/[^<]+)</code>", page.text)
    assert address

    shown = visitor.get(address[1])

    assert "street.png" in visible_text(page)
    assert 'alt="A street"' in editor.get(LIBRARY).text
    assert shown.status_code == 200
    assert opened(shown.data).size == (600, 400)
    assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert shown.headers["Content-Type"] in {"image/png", "image/jpeg"}
    assert "Set-Cookie" not in shown.headers
    assert "sandbox" in shown.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg onload=alert(1)>", "This is no picture"),
        (a_bomb(40_000, 40_000), "too many pixels"),
        (a_file("PNG")[:100], "This picture is broken"),
    ],
    ids=["svg", "bomb", "broken"],
)
def test_what_is_no_picture_is_refused_and_what_was_typed_is_kept(
    editor: Browser, data: bytes, said: str
) -> None:
    answer = upload(editor, data, words="A street at noon")

    assert answer.status_code == 422
    assert said in visible_text(answer)
    assert 'value="A street at noon"' in answer.text


def test_no_file_is_said(editor: Browser) -> None:
    answer = editor.submit(LIBRARY, {"words": "A street"})

    assert answer.status_code == 422
    assert "Choose a file first." in visible_text(answer)


def test_a_picture_is_described_and_never_left_without_words(picture: str, editor: Browser) -> None:
    empty = editor.submit(picture, {"words": " "})
    editor.submit(picture, {"words": "A wide street"})
    decoration = editor.submit(picture, {"words": "", "decoration": "yes"})

    assert empty.status_code == 422
    assert "Say what the picture shows" in visible_text(empty)
    assert decoration.status_code == 200
    assert "Saved." in visible_text(decoration)


def test_a_part_becomes_another_picture(picture: str, editor: Browser) -> None:
    answer = editor.submit(picture, {"ratio": "1:1", "across": "0"}, to=f"{picture}/crop")
    wrong = editor.submit(picture, {"ratio": "9:1"}, to=f"{picture}/crop")

    assert answer.request.path not in {picture, f"{picture}/crop"}
    assert "400 × 400" in visible_text(answer)
    assert wrong.status_code == 422


def test_viewers_look_and_change_nothing(picture: str, viewer: Browser) -> None:
    page = visible_text(viewer.get(picture))

    assert "A street" in page
    assert "Save" not in page
    assert viewer.submit(picture, {"words": "x"}).status_code == 403


def test_addresses_that_name_no_picture_are_not_found(visitor: Browser) -> None:
    for name in ("x.png", "0" * 40 + ".png", "..%2fsecret.key", "0" * 40 + ".svg"):
        assert visitor.get(f"/pictures/{name}").status_code == 404


def test_only_whoever_may_upload_can_send_so_much() -> None:
    assert getattr(pictures.add, "largest", 0) > bounds.FORM
    assert getattr(pictures.describe, "largest", 0) == 0
