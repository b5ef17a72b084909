"""Caught mail is shown whatever it is made of, and the tray's page reads one page of it."""

import pytest

from mailer.bootstrap import Mailer
from mailer.smtpd.caught_mail import CaughtMessage, Tray
from tests.mailer.smtpd.test_reading import DEEP, MALFORMED
from tests.mailer.web.browser import Browser

VIEWS = ["", "?part=text", "?part=headers", "?part=source", "/body"]


def catch(mailer: Mailer, octets: bytes) -> CaughtMessage:
    tray = Tray(mailer.settings.caught_dir)
    tray.open()
    return tray.put("b@news.example", ["a@example.com"], octets)


@pytest.mark.parametrize(
    "octets", [*MALFORMED.values(), DEEP, b""], ids=[*MALFORMED, "deep", "empty"]
)
def test_every_view_of_a_malformed_message_opens(
    mailer: Mailer, viewer: Browser, octets: bytes
) -> None:
    caught = catch(mailer, octets)

    pages = ["/caught/", *(f"/caught/{caught.id}{view}" for view in VIEWS)]

    assert [viewer.get(page).status_code for page in pages] == [200] * 6


def test_a_message_that_went_just_now_is_said_to_have_gone(mailer: Mailer, viewer: Browser) -> None:
    caught = catch(mailer, b"Subject: x\r\n\r\nhello")
    caught.path.unlink()

    assert viewer.get(f"/caught/{caught.id}").status_code == 404


def test_a_page_of_the_tray_reads_heads_of_its_own_messages_only(
    mailer: Mailer, viewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        catch(mailer, b"Subject: number %d\r\n\r\n" % number + b"x" * 200_000)
    read: list[int] = []
    content = CaughtMessage.content

    def counted(self: CaughtMessage, most: int = -1) -> bytes:
        read.append(most)
        return content(self, most)

    monkeypatch.setattr(CaughtMessage, "content", counted)

    assert viewer.get("/caught/").status_code == 200
    assert read == [64 * 1024] * 50
