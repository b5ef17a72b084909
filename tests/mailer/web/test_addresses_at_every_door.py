"""An address that can never be mailed is refused wherever one comes in; what was typed stays."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import create_app
from contacts.models import Contact, Newsletter, Suppression
from mailer.bootstrap import Mailer
from mailer.models import MailRequest, Operator, Power
from tests.contacts.importing.sample_files import a_file, imported, summary
from tests.factories import Cast
from tests.mailer.web.browser import Browser
from tests.mailer.web.conftest import SignIn

NEVER = ["ann@aldmor.invalid", "ann@printer.local", "ann@council", "test@test", "ann@[192.0.2.1]"]
KINDS = (Contact, Newsletter, Suppression, MailRequest, Operator)


def counted(mailer: Mailer) -> list[int]:
    with mailer.database.reading() as session:
        return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in KINDS]


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("/people/new", {"name": "Kept Words"}),
        ("/do-not-email/", {"detail": "Kept Words"}),
        ("/join/members-update", {"name": "Kept Words"}),
    ],
)
def test_a_form_says_why_and_keeps_what_was_typed(
    mailer: Mailer, cast: Cast, editor: Browser, page: str, typed: dict[str, str], address: str
) -> None:
    before = counted(mailer)

    answer = editor.submit(page, {**typed, "email": address})

    assert answer.status_code == 422
    assert address in answer.text
    assert "Kept Words" in answer.text
    assert "No mail ever reaches" in answer.text or "Not an e-mail address" in answer.text
    assert counted(mailer) == before


@pytest.mark.parametrize("address", NEVER)
def test_a_test_of_a_relay_is_not_sent_there(
    cast: Cast, sign_in: SignIn, mailer: Mailer, address: str
) -> None:
    admin = sign_in(Power.ADMIN)
    made = (
        create_app(mailer)
        .test_cli_runner()
        .invoke(args=["relays", "add", "--name", "Here", "--host", "127.0.0.1", "--tls", "none"])
    )
    assert made.exit_code == 0, made.output

    answer = admin.submit(
        "/settings/relays/1/test", {"to": address, "newsletter": "members-update"}
    )

    assert answer.status_code == 422
    assert address in answer.text
    assert "No mail ever reaches" in answer.text or "Not an e-mail address" in answer.text


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize(
    "arguments",
    [
        ("operators", "create", "{}"),
        ("newsletters", "create", "other", "--name", "Other", "--from", "Us <{}>"),
        ("contacts", "allow-sign-ups", "{}"),
    ],
)
def test_a_command_says_why(
    mailer: Mailer, cast: Cast, arguments: tuple[str, ...], address: str
) -> None:
    before = counted(mailer)

    done = (
        create_app(mailer)
        .test_cli_runner()
        .invoke(args=[each.format(address) for each in arguments])
    )

    assert done.exit_code == 1
    assert "No mail ever reaches" in done.output or "Not an e-mail address" in done.output
    assert counted(mailer) == before


@pytest.mark.parametrize("address", NEVER)
def test_a_row_of_a_file_is_listed_with_what_stood_there(
    mailer: Mailer, tmp_path: Path, address: str
) -> None:
    result = imported(mailer.database, a_file(tmp_path, f"Name,Email\nAnn Bell,{address}\n"))

    assert summary(result) == (0, 0, 0, 0, 1)
    assert (result.problems[0].column, result.problems[0].value) == ("Email", address)
