"""Notifications: a list that leads on, a number in the bar, and what comes by mail too."""

from sqlalchemy import select

from mailer.accounts import operators
from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from mailer.models import NewsKind, Operator, Power, SystemMail
from mailer.notices import notifications, telling
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn


def _me(mailer: Mailer, power: Power) -> Operator:
    with mailer.database.reading() as session:
        return operators.with_power(session, power)[0]


def _tell(mailer: Mailer, cast: Cast, person: Operator, kind: NewsKind, occurrence: str) -> None:
    with mailer.database.writing() as session:
        made = session.scalar(select(Operator).where(Operator.id == person.id))
        known = editing.find(session, 1)
        telling.tell(
            session,
            [made],
            kind,
            known,
            occurrence,
            news="December: submit today. 1 to fix.",
            site="https://news.network.example",
            now=mailer.clock(),
        )


def _an_issue(mailer: Mailer, cast: Cast) -> None:
    with mailer.database.writing() as session:
        a_campaign(session, cast.newsletter, slug="2026-12")


def test_the_bar_counts_what_is_unread_and_the_list_leads_to_its_page(
    mailer: Mailer, editor: Browser, cast: Cast
) -> None:
    _an_issue(mailer, cast)
    assert "Nothing needs you." in visible_text(editor.get("/notifications"))
    me = _me(mailer, Power.EDITOR)
    for occurrence in ("a", "a", "b"):
        _tell(mailer, cast, me, NewsKind.SUBMIT, occurrence)

    page = editor.get("/notifications")
    assert "Notifications2 unread" in visible_text(page).replace(
        "Notifications 2", "Notifications2"
    )
    assert 'href="/issues/members-update/2026-12"' in page.text

    editor.submit("/notifications", {}, to="/notifications/read")

    read = visible_text(editor.get("/notifications"))
    assert "Nothing needs you." in read
    assert "December: submit today. 1 to fix." in read


def test_nobody_marks_what_others_were_told(mailer: Mailer, sign_in: SignIn, cast: Cast) -> None:
    _an_issue(mailer, cast)
    sign_in(Power.EDITOR)
    _tell(mailer, cast, _me(mailer, Power.EDITOR), NewsKind.SUBMIT, "a")
    stranger = sign_in(Power.VIEWER)

    stranger.submit("/notifications", {"which": "1"}, to="/notifications/read")

    with mailer.database.reading() as session:
        assert notifications.unread(session, _me(mailer, Power.EDITOR).id) == 1


def test_what_comes_by_mail_is_chosen_and_the_list_has_all_of_it(
    mailer: Mailer, editor: Browser, cast: Cast
) -> None:
    _an_issue(mailer, cast)
    me = _me(mailer, Power.EDITOR)
    editor.submit(
        "/account", {"kinds": [NewsKind.HELD.value, NewsKind.APPROVE.value]}, to="/account/mail"
    )

    _tell(mailer, cast, me, NewsKind.SUBMIT, "a")
    _tell(mailer, cast, me, NewsKind.HELD, "a")

    with mailer.database.reading() as session:
        assert len(session.scalars(select(SystemMail)).all()) == 1
        assert notifications.unread(session, me.id) == 2


def test_the_only_one_who_can_decide_is_told_by_mail_of_what_needs_it(
    mailer: Mailer, approver: Browser
) -> None:
    assert "can’t be switched off" in visible_text(approver.get("/account"))
    refused = approver.submit("/account", {}, to="/account/mail")
    assert "nobody else who can decide gets it" in visible_text(refused)

    with mailer.database.writing() as session:
        now = mailer.clock()
        operators.create(
            session,
            email="second@network.example",
            name="Second",
            power=Power.APPROVER,
            actor=TESTER,
            now=now,
        )
    approver.submit("/account", {}, to="/account/mail")

    with mailer.database.reading() as session:
        able = operators.with_power(session, Power.APPROVER)
        (me,) = (each for each in able if each.name != "Second")
        assert notifications.quiet_kinds(session, me.id) == set(NewsKind)
