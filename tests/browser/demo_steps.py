"""What tests do with the demo network before they look at it."""

import time
from datetime import UTC, datetime

from playwright.sync_api import Page

from contacts.database import Database
from mailer.campaigns import approval
from mailer.domains import standing
from mailer.models import Campaign
from mailer.receipts.incoming import folder
from mailer.settings.environment import Gate
from tests.browser.conftest import Served
from tests.factories import TESTER
from tests.mailer.domains.zones import DOMAIN, RELAY, checked, in_order


def a_mail_to_look_at(served: Served) -> list[str]:
    """The list with such a mail in it, and the pages of the mail."""
    long = b"unbroken" * 60
    message = b"From: x@y.example\r\nSubject: " + long + b"\r\nX-Odd: " + long + b"\r\n\r\n" + long
    path = folder.put(served.folder / "incoming", message, sent_to="", sent_from="")
    unreadable = path.parent / folder.TO_LOOK_AT / path.name
    until = time.monotonic() + 30
    while not unreadable.exists():  # the worker that is served takes it in, and can't read it
        assert time.monotonic() < until
        time.sleep(0.1)
    listed = "/receipts/to-look-at"
    mail = f"{listed}/{unreadable.stem}"
    return [listed, mail, f"{mail}?part=headers", f"{mail}?part=source"]


def sign_in(page: Page, served: Served) -> None:
    page.goto(served.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.site + "/")


def check_its_domain(served: Served) -> None:
    """What a check found that had something to say of every kind; nobody is asked."""
    database = Database(f"sqlite:///{served.folder / 'circular.db'}")
    zone = in_order(**{f"_dmarc.{DOMAIN}": None, DOMAIN: {"TXT": [f"v=spf1 ip4:{RELAY} ?all"]}})
    with database.writing() as session:
        standing.keep(session, checked(zone), now=datetime.now(UTC))
    database.dispose()


def approve(served: Served) -> None:
    """Somebody else than who is signed in approves the issue of the demo network."""
    database = Database(f"sqlite:///{served.folder / 'circular.db'}")
    with database.writing() as session:
        version = session.get_one(Campaign, 1).version
        approval.approve(
            session, 1, version=version, actor=TESTER, gate=Gate.OPEN, now=datetime.now(UTC)
        )
    database.dispose()


def wait_until_sent(page: Page) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if page.locator("h2", has_text="Done:").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())
