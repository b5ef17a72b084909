"""Mail that nobody could make sense of is shown safely, and is never deleted."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from contacts.actors import ActorKind
from contacts.models import Suppression, SuppressionReason
from contacts.permission.suppressions import find
from mailer.accounts import operators
from mailer.bootstrap import Mailer
from mailer.models import Power, ReceiptKind, SystemMailReceipt
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming.intake import Intake
from tests.factories import TESTER, Cast, a_notice
from tests.mailer.receipts.bouncing import bounce
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

LIST = "/receipts/to-look-at"
STRANGE = (
    b"From: =?utf-8?q?Z=C3=B6e?= <zoe@elsewhere.example>\r\n"
    b"To: update@network.example\r\n"
    b"Subject: Cllr Adeyemi <script>alert(1)</script>\r\n"
    b"X-Odd: <img src=x onerror=alert(2)>\r\n"
    b"\r\n"
    b"alice@aldmor.example has left us. <b onclick=alert(3)>Bye</b>\r\n"
)
HTML = (
    b"From: a@a.example\r\nContent-Type: text/html\r\nSubject: Offer\r\n\r\n"
    b"<p>Buy <b>now</b></p><img src='https://tracker.example/p'><script>alert(1)</script>"
)


def aside(mailer: Mailer, message: bytes) -> str:
    """Have a message set aside; its name."""
    folder = mailer.settings.incoming_dir
    path = incoming.put(folder, message, sent_to="postmaster@network.example", sent_from="")
    return incoming.set_aside(path).stem


def lies_in(mailer: Mailer, place: str) -> list[str]:
    return sorted(path.stem for path in (mailer.settings.incoming_dir / place).glob("*.mail"))


def test_an_empty_list_says_how_it_fills(cast: Cast, editor: Browser) -> None:
    assert "There is nothing to look at." in visible_text(editor.get(LIST))


def test_the_list_says_what_came_from_whom_why_and_when(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    older = aside(mailer, STRANGE)
    os.utime(mailer.settings.incoming_dir / "to-look-at" / f"{older}.mail", (0, 1_700_000_000))
    aside(mailer, bounce(mailer.tokens, 0, to="nobody@network.example"))

    seen = visible_text(editor.get(LIST))

    assert seen.index("Undelivered Mail") < seen.index("Cllr Adeyemi")
    assert "Zöe <zoe@elsewhere.example> It says nothing about a mail of ours." in seen
    assert "It tells of a mail that didn’t arrive, but not which of ours." in seen
    assert "Tue 14 Nov 2023, 22:13 UK time (GMT) 1 kB" in seen


def test_a_torn_file_and_an_internal_fault_are_named(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    torn = aside(mailer, STRANGE)
    (mailer.settings.incoming_dir / "to-look-at" / f"{torn}.mail").write_bytes(b"{}\nhalf")
    aside(mailer, bounce(mailer.tokens, 7))

    seen = visible_text(editor.get(LIST))

    assert "The file is damaged" in seen
    assert "Something went wrong here while it was read" in seen
    assert editor.get(f"{LIST}/{torn}?part=source").status_code == 200


def test_a_mail_is_shown_as_words_and_runs_nothing(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    name = aside(mailer, STRANGE)

    pages = [editor.get(f"{LIST}/{name}?part={part}") for part in ("words", "headers", "source")]

    assert "alice@aldmor.example has left us." in visible_text(pages[0])
    assert "X-Odd" in visible_text(pages[1])
    assert "Subject: Cllr Adeyemi" in visible_text(pages[2])
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "<b onclick" not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_of_a_mail_in_html_only_the_text_is_shown(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page = editor.get(f"{LIST}/{aside(mailer, HTML)}")

    assert "Buy now" in visible_text(page)
    assert "tracker.example" not in page.text
    assert "<iframe" not in page.text


@pytest.mark.parametrize(
    "message", [b"", b"\xff" * 3000, bytes(range(256)) * 20, b"Subject: " + b"x" * 100_000]
)
def test_any_message_has_a_page(
    mailer: Mailer, cast: Cast, editor: Browser, message: bytes
) -> None:
    name = aside(mailer, message)

    for page in (
        LIST,
        *(f"{LIST}/{name}?part={part}" for part in ("words", "headers", "source")),
    ):
        assert editor.get(page).status_code == 200


def test_done_with_it_keeps_it_elsewhere(mailer: Mailer, cast: Cast, editor: Browser) -> None:
    name = aside(mailer, STRANGE)

    seen = visible_text(editor.submit(f"{LIST}/{name}", to=f"{LIST}/{name}/done"))

    assert "The mail is kept, but not listed here any more." in seen
    assert "There is nothing to look at." in seen
    assert lies_in(mailer, "to-look-at") == []
    assert lies_in(mailer, "looked-at") == [name]


def test_a_message_read_again_is_set_aside_again_while_it_is_unreadable(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    name = aside(mailer, STRANGE)

    seen = visible_text(editor.submit(f"{LIST}/{name}", to=f"{LIST}/{name}/again"))
    waiting = lies_in(mailer, ".")
    Intake(mailer).take_all()

    assert "It is being read again." in seen
    assert waiting == [name]
    assert lies_in(mailer, "to-look-at") == [name]


def test_what_somebody_else_was_quicker_with_is_gone(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    name, other = aside(mailer, STRANGE), aside(mailer, HTML)
    editor.submit(f"{LIST}/{name}", to=f"{LIST}/{name}/done")

    answer = editor.submit(f"{LIST}/{other}", to=f"{LIST}/{name}/done")

    assert answer.status_code == 404
    assert "not on this list any more" in visible_text(answer)


def test_get_requests_change_nothing(mailer: Mailer, cast: Cast, editor: Browser) -> None:
    name = aside(mailer, STRANGE)

    for move in ("done", "again", "address"):
        assert editor.get(f"{LIST}/{name}/{move}").status_code == 405

    assert lies_in(mailer, "to-look-at") == [name]


def test_an_address_in_the_mail_is_filled_in_and_can_be_suppressed(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page = f"{LIST}/{aside(mailer, STRANGE)}"

    filled = re.search(r'id="email"[^>]*value="([^"]*)"', editor.get(page).text)
    assert filled
    seen = editor.submit(page, {"email": filled[1], "reason": "bounced"}, to=f"{page}/address")

    assert filled[1] == "alice@aldmor.example"
    assert "alice@aldmor.example is on do-not-email now." in visible_text(seen)
    with mailer.database.reading() as session:
        held = find(session, "alice@aldmor.example")
    assert held is not None
    assert held.reason is SuppressionReason.BOUNCED
    assert held.source.kind is ActorKind.OPERATOR
    assert "Cllr Adeyemi" in held.detail
    assert page.rpartition("/")[2] in held.detail
    assert "Vera Editor" in visible_text(editor.get("/do-not-email/"))


def test_a_reported_recipient_is_filled_in_even_if_nobody_knows_them(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    name = aside(mailer, bounce(mailer.tokens, 0, to="x@network.example", address="who@a.example"))

    assert 'value="who@a.example"' in editor.get(f"{LIST}/{name}").text


def test_a_wrong_address_is_reported_beside_its_field_and_stays(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page = f"{LIST}/{aside(mailer, STRANGE)}"

    answer = editor.submit(
        page, {"email": "nonsense", "reason": "complained"}, to=f"{page}/address"
    )

    assert answer.status_code == 422
    assert "there is no @ in it" in visible_text(answer)
    assert 'value="nonsense"' in answer.text
    assert '<option value="complained" selected>' in answer.text
    with mailer.database.reading() as session:
        assert len(session.scalars(select(Suppression)).all()) == 1  # Carol's


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fcircular",
        "%2e%2e",
        "..",
        ".",
        "%00",
        "a%00b",
        "a.mail",
        "..%5c..%5cx",
        "UPPER",
        "-",
        "a" * 300,
        "%0a",
        "a%0a",
        "link",
        "folder",
        "pipe",
        "%ff",
        "a%2fb",
    ],
)
def test_an_unknown_file_name_is_not_found(
    mailer: Mailer, cast: Cast, editor: Browser, name: str
) -> None:
    good = aside(mailer, STRANGE)
    folder = mailer.settings.incoming_dir / "to-look-at"
    outside = mailer.settings.data_dir / "precious.mail"
    outside.write_bytes(b"secret words")
    (folder / "link.mail").symlink_to(outside)
    (folder / "folder.mail").mkdir()
    os.mkfifo(folder / "pipe.mail")

    looked = editor.get(f"{LIST}/{name}")
    moved = editor.submit(f"{LIST}/{good}", to=f"{LIST}/{name}/done")

    assert looked.status_code in {400, 404, 308, 302, 200}
    assert "secret words" not in looked.text
    if looked.status_code == 200:  # "." and ".." are the list and what is above it
        assert name in {".", ".."}
    assert moved.status_code in {400, 404, 405}
    assert outside.read_bytes() == b"secret words"
    assert len(list(folder.iterdir())) == 4


def test_pages_of_many(mailer: Mailer, cast: Cast, editor: Browser) -> None:
    for number in range(27):
        aside(mailer, b"Subject: number %d\r\n\r\n" % number)

    first, second = visible_text(editor.get(LIST)), visible_text(editor.get(f"{LIST}?page=2"))

    assert "Rows 1 to 25 of 27" in first
    assert "Rows 26 to 27 of 27" in second
    assert editor.get(f"{LIST}?page=99").status_code == 200


def test_home_tells_editors_that_there_is_something_to_look_at(
    mailer: Mailer, cast: Cast, editor: Browser, sign_in: SignIn
) -> None:
    before = visible_text(editor.get("/"))
    aside(mailer, STRANGE)

    assert "came back" not in before
    assert "1 mail that came back makes no sense to us" in visible_text(editor.get("/"))
    viewer = sign_in(Power.VIEWER)
    assert "came back" not in visible_text(viewer.get("/"))


def test_viewers_see_no_links_to_pages_they_may_not_open(cast: Cast, sign_in: SignIn) -> None:
    assert f'href="{LIST}"' in sign_in(Power.EDITOR).get("/people/").text
    viewer = sign_in(Power.VIEWER)
    assert f'href="{LIST}"' not in viewer.get("/people/").text
    assert viewer.get(LIST).status_code == 403


def test_admins_see_an_operator_whose_address_bounced(
    app: Flask, mailer: Mailer, cast: Cast, sign_in: SignIn
) -> None:
    now = mailer.clock()
    with mailer.database.writing() as session:
        operators.create(
            session,
            email="marc@network.example",
            name="Marc Bell",
            power=Power.EDITOR,
            actor=TESTER,
            now=now,
        )
        notice = a_notice(session, "Marc@network.example", subject="Sign in", now=now)
        values = {"notice_id": notice.id, "at": now, "key": "k"}
        session.add(SystemMailReceipt(kind=ReceiptKind.HARD_BOUNCED, **values))
    with mailer.database.reading() as session:
        long_after = operators.unreached(session, since=now + timedelta(days=1))

    seen = visible_text(sign_in(Power.ADMIN).get("/"))

    assert "An email to Marc Bell came back: there is nobody at marc@network.example." in seen
    assert "Marc Bell" not in visible_text(sign_in(Power.EDITOR).get("/"))
    assert long_after == []


def test_do_not_email_names_the_confirmation_that_came_back(
    mailer: Mailer, cast: Cast, tmp_path: Path, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        notice = a_notice(
            session, "new@a.example", subject="Please confirm: Members' Update", now=mailer.clock()
        )
        held = Suppression(
            address_key="new@a.example",
            reason=SuppressionReason.BOUNCED,
            source=f"notice {notice.id}",
            detail="550 no such user",
            at=mailer.clock(),
        )
        session.add(held)

    assert "the email “Please confirm: Members' Update”" in visible_text(
        editor.get("/do-not-email/")
    )
