"""Admins let people in, change what they may do, mail them a link and end their access."""

import pytest
from sqlalchemy import select

from contacts.models import AuditEntry
from mailer.accounts import operators
from mailer.bootstrap import Mailer
from mailer.models import Operator, Power, SystemMail
from tests.factories import a_newsletter
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

PAGE = "/settings/people"
MARC = {"email": "marc@network.example", "name": "Marc Bell", "power": "editor"}


@pytest.fixture
def admin(sign_in: SignIn, mailer: Mailer) -> Browser:
    with mailer.database.writing() as session:
        a_newsletter(session)
    return sign_in(Power.ADMIN)


def person(mailer: Mailer, email: str) -> Operator:
    with mailer.database.reading() as session:
        return session.scalars(select(Operator).where(Operator.email == email)).one()


def acts(mailer: Mailer) -> list[str]:
    with mailer.database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_somebody_who_is_let_in_signs_in_by_the_link_of_a_mail(
    admin: Browser, visitor: Browser, mailer: Mailer
) -> None:
    said = visible_text(admin.submit(f"{PAGE}/new", {**MARC, "mail": "yes"}))
    with mailer.database.reading() as session:
        mail = session.scalars(select(SystemMail)).one()
    link = mail.button_url.removeprefix(mailer.settings.site)

    assert "Marc Bell is let in. A link to sign in is on its way" in said
    assert mail.to_address == MARC["email"]
    assert "Vera Admin lets you in" in mail.paragraphs
    assert mail.button_url not in said
    assert "Welcome, Marc Bell." in visible_text(visitor.submit(link))
    assert visitor.get(PAGE).status_code == 403


def test_without_a_newsletter_no_link_is_mailed_and_nobody_made(
    sign_in: SignIn, mailer: Mailer
) -> None:
    answer = sign_in(Power.ADMIN).submit(f"{PAGE}/new", {**MARC, "mail": "yes"})

    assert answer.status_code == 409
    assert "There is no newsletter yet" in visible_text(answer)
    assert MARC["email"] in answer.text
    with mailer.database.reading() as session:
        assert len(operators.listing(session)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "nobody"}, "Not an e-mail address"),
        ({"email": "admin@network.example"}, "is let in already"),
        ({"name": "M" * 201}, "Shorten this"),
    ],
)
def test_what_cannot_be_kept_stays_in_the_form(
    admin: Browser, typed: dict[str, str], said: str
) -> None:
    answer = admin.submit(f"{PAGE}/new", {**MARC, **typed})

    assert answer.status_code == 422
    assert said in answer.text
    assert all(value in answer.text for value in {**MARC, **typed}.values())


def test_a_role_is_changed_and_the_last_admin_stays_one(admin: Browser, mailer: Mailer) -> None:
    admin.submit(f"{PAGE}/new", MARC)
    marc = f"{PAGE}/{person(mailer, MARC['email']).id}"
    me = f"{PAGE}/{person(mailer, 'admin@network.example').id}"

    last = admin.submit(me, {"power": "viewer"})
    raised = admin.submit(marc, {"power": "admin"})
    lowered = admin.submit(me, {"power": "viewer"})

    assert last.status_code == 409
    assert "is the last admin" in visible_text(last)
    assert "Marc Bell is admin from now on." in visible_text(raised)
    assert lowered.status_code == 200
    assert admin.get(PAGE).status_code == 403
    assert acts(mailer).count("role changed") == 2


def test_a_session_of_somebody_else_is_ended(
    admin: Browser, editor: Browser, mailer: Mailer
) -> None:
    vera = f"{PAGE}/{person(mailer, 'editor@network.example').id}"
    before = editor.get("/").status_code
    page = admin.get(vera).text
    end = page.partition(f'action="{vera}/sessions/')[2].partition('"')[0]

    said = visible_text(admin.submit(vera, to=f"{vera}/sessions/{end}"))

    assert before == 200
    assert "That session has ended." in said
    assert editor.get("/").status_code == 302
    assert "session ended" in acts(mailer)


def test_access_ends_after_a_question(admin: Browser, editor: Browser, mailer: Mailer) -> None:
    vera = f"{PAGE}/{person(mailer, 'editor@network.example').id}"

    asked = visible_text(admin.get(f"{vera}/remove"))
    still = editor.get("/").status_code
    said = visible_text(admin.submit(f"{vera}/remove"))

    assert "is signed out everywhere at once" in asked
    assert still == 200
    assert "Vera Editor is let in no more. Ended: 1 sessions" in said
    assert editor.get("/").status_code == 302
    assert admin.get(vera).status_code == 404
    again = admin.submit(f"{PAGE}/new", {**MARC, "email": "editor@network.example"})
    assert again.status_code == 200
