"""The page of one sender's domain, and the send page before its gate."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import editing, sender_gate
from mailer.domains import standing
from mailer.domains.checking import Check
from mailer.models import CampaignStatus, DomainCheck, Power
from tests.factories import TESTER, Cast, a_campaign, a_mailer
from tests.mailer.domains.gating import Dns
from tests.mailer.domains.zones import DOMAIN, RELAY, in_order
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

PAGE = f"/settings/senders/{DOMAIN}"


@pytest.fixture
def dns() -> Dns:
    return Dns()


@pytest.fixture
def settings() -> dict[str, Any]:
    """A relay, and so an enforced gate; tests may ask for another."""
    return {"smtp_url": f"smtp://{RELAY}"}


@pytest.fixture
def mailer(sqlite_url: str, tmp_path: Path, dns: Dns, settings: dict[str, Any]) -> Iterator[Mailer]:
    database = Database(sqlite_url)
    dns.database = database
    yield replace(a_mailer(database, tmp_path, **settings), lookups=dns)
    database.dispose()


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> str:
    """The URL of an issue that is ready to be sent."""
    with mailer.database.writing() as session:
        made = a_campaign(session, cast.newsletter, slug="2026-12")
        return f"/issues/members-update/{made.slug}"


def status(mailer: Mailer) -> CampaignStatus:
    with mailer.database.reading() as session:
        return editing.find(session, 1).status


def checks(mailer: Mailer) -> int:
    with mailer.database.reading() as session:
        return session.query(DomainCheck).count()


def test_an_admin_checks_a_domain_and_reads_what_to_publish(
    sign_in: SignIn, mailer: Mailer, cast: Cast, dns: Dns
) -> None:
    admin = sign_in(Power.ADMIN)
    before = visible_text(admin.get(PAGE))
    dns.zone = {DOMAIN: {"MX": ["10 mx.a.example"]}, "mx.a.example": {"A": ["192.0.2.1"]}}

    checked = admin.submit(PAGE, to=f"{PAGE}/check")

    assert "Never checked" in before
    assert checked.request.path == PAGE
    seen = visible_text(checked)
    assert f"{DOMAIN} was checked. 4 to fix" in seen
    assert "Last checked" in seen
    assert "To fix" in seen
    assert "In order" in seen
    assert "– Not checked" not in seen
    assert f"<code>_dmarc.{DOMAIN}</code>" in checked.text
    assert "<code>v=DMARC1; p=none</code>" in checked.text
    assert f"<code>v=spf1 ip4:{RELAY} ~all</code>" in checked.text
    assert "Check again" in seen


def test_text_of_foreign_zones_is_escaped(sign_in: SignIn, cast: Cast, dns: Dns) -> None:
    dns.zone = in_order(**{DOMAIN: {"TXT": ["v=spf1 <script>alert(1)</script>"]}})

    checked = sign_in(Power.ADMIN).submit(PAGE, to=f"{PAGE}/check")

    assert "<script>alert" not in checked.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in checked.text


def test_viewing_a_domain_asks_no_dns_and_keeps_no_check(
    sign_in: SignIn, mailer: Mailer, cast: Cast, dns: Dns, issue: str
) -> None:
    admin = sign_in(Power.ADMIN)

    for page in (PAGE, "/settings/senders", f"{issue}/send"):
        assert admin.get(page).status_code == 200

    assert (dns.checks, checks(mailer)) == (0, 0)


def test_only_a_senders_domain_has_a_page(sign_in: SignIn, cast: Cast, dns: Dns) -> None:
    admin = sign_in(Power.ADMIN)

    assert admin.get("/settings/senders/elsewhere.example").status_code == 404
    lost = admin.submit(PAGE, to="/settings/senders/elsewhere.example/check")
    assert lost.status_code == 404
    assert "No newsletter comes from elsewhere.example" in visible_text(lost)
    assert dns.checks == 0


def test_an_editor_may_neither_look_nor_check(editor: Browser, cast: Cast, dns: Dns) -> None:
    assert editor.get(PAGE).status_code == 403
    assert editor.submit("/", to=f"{PAGE}/check").status_code == 403
    assert dns.checks == 0


def test_the_list_links_to_each_domain_with_how_it_stands(
    sign_in: SignIn, mailer: Mailer, cast: Cast
) -> None:
    admin = sign_in(Power.ADMIN)
    before = admin.get("/settings/senders")
    sender_gate.vet(mailer, DOMAIN)
    after = admin.get("/settings/senders")

    assert f'href="{PAGE}"' in before.text
    assert "Never checked" in visible_text(before)
    assert "Proven to receivers" in visible_text(after)


def test_sending_checks_the_sender_first_and_goes_on_when_it_is_in_order(
    approver: Browser, mailer: Mailer, issue: str, dns: Dns
) -> None:
    sent = approver.submit(f"{issue}/send", {"version": "1", "approves": "yes"})

    assert sent.status_code == 200
    assert sent.request.path == f"{issue}/progress"
    assert dns.checks == 1
    assert status(mailer) is CampaignStatus.SENDING


def test_sending_is_refused_with_the_reason_and_what_to_do(
    approver: Browser, sign_in: SignIn, mailer: Mailer, issue: str, dns: Dns
) -> None:
    dns.zone = {}

    refused = approver.submit(f"{issue}/send", {"version": "1", "approves": "yes"})

    assert refused.status_code == 409
    assert "neither DKIM nor SPF speaks for it" in visible_text(refused)
    assert "An admin sees what to publish under Senders and domains" in visible_text(refused)
    assert status(mailer) is CampaignStatus.DRAFT
    assert checks(mailer) == 1
    page = approver.get(f"{issue}/send")
    assert "It can’t be sent like this." in visible_text(page)
    assert PAGE not in page.text
    assert f'href="{PAGE}"' in sign_in(Power.ADMIN).get(f"{issue}/send").text


def test_an_issue_that_was_changed_while_dns_was_asked_is_not_sent(
    approver: Browser, mailer: Mailer, issue: str, dns: Dns
) -> None:
    def change() -> None:
        with mailer.database.writing() as session:
            editing.edit(session, 1, subject="Other news", actor=TESTER, now=mailer.clock())

    dns.meanwhile = change

    refused = approver.submit(f"{issue}/send", {"version": "1", "approves": "yes"})

    assert "has changed since you opened the page" in visible_text(refused)
    assert status(mailer) is CampaignStatus.DRAFT


@pytest.mark.parametrize("settings", [{"smtp_url": f"smtp://{RELAY}", "sending_gate": "warn"}])
def test_where_the_gate_only_warns_the_page_says_so_and_sends(
    approver: Browser, mailer: Mailer, issue: str, dns: Dns
) -> None:
    before = visible_text(approver.get(f"{issue}/send"))
    with mailer.database.writing() as session:
        standing.keep(session, Check(DOMAIN, False, ()), now=mailer.clock())
    page = approver.get(f"{issue}/send")
    sent = approver.submit(f"{issue}/send", {"version": "1", "approves": "yes"})

    assert "was never checked" in before
    assert "neither DKIM nor SPF" in visible_text(page)
    assert 'class="note wait"' in page.text
    assert "can’t be sent" not in visible_text(page)
    flashed = sent.text.partition('class="note wait" role="status"')[2].partition("</div>")[0]
    assert "Receivers can’t tell" in flashed
    assert (status(mailer), dns.checks) == (CampaignStatus.SENDING, 0)


@pytest.mark.parametrize("settings", [{}])
def test_mail_that_is_caught_here_is_never_gated(
    approver: Browser, mailer: Mailer, issue: str, dns: Dns
) -> None:
    with mailer.database.writing() as session:
        standing.keep(session, Check(DOMAIN, False, ()), now=mailer.clock())
    page = visible_text(approver.get(f"{issue}/send"))
    approver.submit(f"{issue}/send", {"version": "1", "approves": "yes"})

    assert "neither DKIM nor SPF" not in page
    assert (status(mailer), dns.checks) == (CampaignStatus.SENDING, 0)
