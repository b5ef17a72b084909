"""Files in the form of a block: into the library, and their addresses into the block."""

import io

import pytest
from sqlalchemy import select

from mailer.bootstrap import Mailer
from mailer.campaigns import editing, previews
from mailer.campaigns.checks.running import run
from mailer.models import Campaign, LibraryPicture
from mailer.settings.environment import Gate
from tests.factories import Cast, a_campaign
from tests.mailer.authoring.pictures.drawing import a_file
from tests.mailer.web.browser import Browser, visible_text

COMPOSE = "/issues/members-update/2026-11/compose"
DOCUMENT = {
    "version": 1,
    "blocks": [
        {"id": "head", "type": "masthead", "title": "Members’ Update"},
        {"id": "street", "type": "image", "image": "https://a.example/old.png", "alt": "A street"},
        {"id": "new", "type": "member_welcome", "members": [{"organisation": "Wyeham Council"}]},
        {"id": "end", "type": "footer"},
    ],
}


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    with mailer.database.writing() as session:
        return a_campaign(session, cast.newsletter, DOCUMENT, slug="2026-11").id


def a_picture(size: int = 300) -> tuple[io.BytesIO, str]:
    return io.BytesIO(a_file("PNG", (size, 200))), "street.png"


def block(mailer: Mailer, place: int) -> dict[str, object]:
    with mailer.database.reading() as session:
        found: dict[str, object] = session.scalars(select(Campaign)).one().document["blocks"][place]
        return found


def test_a_file_takes_the_place_of_an_address_and_is_shown_in_the_mail(
    mailer: Mailer, issue: int, editor: Browser
) -> None:
    editor.submit(
        f"{COMPOSE}?open=street",
        {
            "image": "https://a.example/old.png",
            "alt": "A street",
            "image-file": a_picture(),
        },
        to=f"{COMPOSE}/street",
    )

    with mailer.database.reading() as session:
        picture = session.scalars(select(LibraryPicture)).one()
        address = f"/pictures/{picture.name}"
        html = previews.preview(session, mailer, editing.find(session, issue), category="")
    assert block(mailer, 1)["image"] == address
    assert f'src="{mailer.settings.site}{address}"' in html
    assert 'width="300"' in html
    assert 'height="200"' in html


def test_a_file_in_a_new_row_makes_the_row(mailer: Mailer, issue: int, editor: Browser) -> None:
    editor.submit(
        f"{COMPOSE}?open=new",
        {
            "members-rows": "3",
            "members-0-organisation": "Wyeham Council",
            "members-0-logo": "",
            "members-1-organisation": "",
            "members-2-organisation": "Larkby Council",
            "members-2-logo": "",
            "members-2-logo-file": a_picture(),
        },
        to=f"{COMPOSE}/new",
    )

    members = block(mailer, 2)["members"]
    assert isinstance(members, list)
    assert [each["organisation"] for each in members] == ["Wyeham Council", "Larkby Council"]
    assert "logo" not in members[0] or not members[0]["logo"]
    assert members[1]["logo"].startswith("/pictures/")


def test_a_file_that_is_no_picture_is_said_beside_its_field_and_nothing_is_lost(
    mailer: Mailer, issue: int, editor: Browser
) -> None:
    answer = editor.submit(
        f"{COMPOSE}?open=street",
        {
            "image": "https://a.example/typed.png",
            "alt": "What I typed",
            "image-file": (io.BytesIO(b"<svg/>"), "x.svg"),
        },
        to=f"{COMPOSE}/street",
    )

    assert answer.status_code == 422
    assert "This is no picture" in visible_text(answer)
    assert 'value="https://a.example/typed.png"' in answer.text
    assert 'value="What I typed"' in answer.text
    assert block(mailer, 1)["alt"] == "A street"


@pytest.mark.parametrize(
    "address",
    ["/pictures/x.png", "/pictures/" + "0" * 40 + ".svg", "//evil.example/x.png", "/etc/passwd"],
)
def test_only_pictures_of_the_library_have_an_address_without_a_host(
    mailer: Mailer, issue: int, editor: Browser, address: str
) -> None:
    fields = {"image": address, "alt": "A street"}
    editor.submit(f"{COMPOSE}?open=street", fields, to=f"{COMPOSE}/street")

    with mailer.database.reading() as session:
        campaign = editing.find(session, issue)
        html = previews.preview(session, mailer, campaign, category="")
        problems = [
            each.message
            for each in run(session, campaign, gate=Gate.OPEN, now=mailer.clock(), counts=None)
        ]
    assert address not in html
    assert any("Write the address in full" in each for each in problems)


def test_the_library_is_offered_to_fields_of_pictures(
    mailer: Mailer, issue: int, editor: Browser
) -> None:
    editor.submit("/library/pictures/", {"file": a_picture(), "words": "A wide street"})
    form = editor.get(f"{COMPOSE}?open=street").text

    assert 'list="library"' in form
    assert "A wide street</option>" in form
    assert 'enctype="multipart/form-data"' in form
