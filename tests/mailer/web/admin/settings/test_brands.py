"""The brand of a newsletter: chosen by admins, shown in its mails, refused with the figure."""

import io

import pytest
from sqlalchemy import select

from contacts.models import AuditEntry
from mailer.bootstrap import Mailer
from mailer.campaigns import editing, previews
from mailer.models import LibraryPicture, NewsletterBrand, Power
from tests.factories import Cast, a_campaign
from tests.mailer.authoring.pictures.drawing import a_file
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

PAGE = "/settings/brand/members-update"


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Power.ADMIN)


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    with mailer.database.writing() as session:
        return a_campaign(session, cast.newsletter, slug="2026-11").id


def mail(mailer: Mailer, issue: int) -> str:
    with mailer.database.reading() as session:
        return previews.preview(session, mailer, editing.find(session, issue), category="")


def test_what_is_chosen_is_in_the_mail(mailer: Mailer, issue: int, admin: Browser) -> None:
    before = mail(mailer, issue)
    answer = admin.submit(
        PAGE,
        {
            "accent": "#7A2556",
            "face": "plain",
            "logo_on_dark-file": (io.BytesIO(a_file("PNG", (440, 120))), "logo.png"),
            "website": "https://www.network.example/",
            "contact": "office@network.example",
            "social-0-words": "Network on LinkedIn",
            "social-0-url": "https://social.example/network",
        },
    )
    after = mail(mailer, issue)

    assert "Saved." in visible_text(answer)
    assert "#7A2556" not in before
    assert "#7A2556" in after
    assert "Georgia" not in after
    assert "https://www.network.example/" in after
    with mailer.database.reading() as session:
        picture = session.scalars(select(LibraryPicture)).one()
        kept = session.scalars(select(NewsletterBrand)).one()
        acts = session.scalars(select(AuditEntry.act)).all()
    assert kept.logo_on_dark == f"/pictures/{picture.name}"
    assert kept.social == {
        "links": [{"words": "Network on LinkedIn", "url": "https://social.example/network"}]
    }
    assert f"{mailer.settings.site}/pictures/{picture.name}" in after
    assert "brand changed" in acts


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"accent": "#E7A03C"}, "Links in this colour are hard to read"),
        ({"accent": "red"}, "six hexadecimal digits"),
        ({"face": "comic"}, "Choose one of the list."),
        ({"logo_on_dark": "http://a.example/x.png"}, "starting with https://"),
        ({"header_picture": "/pictures/x.png"}, "Write the address in full"),
        ({"website": "javascript:alert(1)"}, "cannot be used"),
        ({"contact": "nobody"}, "Not an e-mail address"),
        ({"social-2-url": "https://a.example/"}, "Write where this leads"),
        ({"social-0-words": "x" * 41, "social-0-url": "https://a.example/"}, "40 characters"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    mailer: Mailer, issue: int, admin: Browser, fields: dict[str, str], said: str
) -> None:
    answer = admin.submit(PAGE, {"archive_url": "https://typed.example/", **fields})

    assert answer.status_code == 422
    assert said in visible_text(answer)
    assert 'value="https://typed.example/"' in answer.text
    with mailer.database.reading() as session:
        assert session.scalars(select(NewsletterBrand)).all() == []


def test_a_file_that_is_no_picture_is_refused(issue: int, admin: Browser) -> None:
    answer = admin.submit(PAGE, {"header_picture-file": (io.BytesIO(b"<svg/>"), "x.svg")})

    assert answer.status_code == 422
    assert "This is no picture" in visible_text(answer)


def test_only_admins_change_it(issue: int, editor: Browser) -> None:
    assert editor.get(PAGE).status_code == 403
    assert editor.submit("/people/", {"accent": "#7A2556"}, to=PAGE).status_code == 403
