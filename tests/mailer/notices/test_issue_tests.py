"""Tests of issues: real mail that says it is a test, counts nowhere, and is nobody's copy."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from contacts.actors import Actor, ActorKind
from contacts.addresses import several
from contacts.database import Database
from contacts.models import AuditEntry, SuppressionReason
from contacts.permission.suppressions import suppress
from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from mailer.campaigns.drafts.versions import version_of
from mailer.clock import now
from mailer.errors import FormError, NotAllowed
from mailer.models import (
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    IssueTest,
    ReceiptKind,
    SystemMail,
)
from mailer.notices import issue_test_states
from mailer.notices.issue_tests import MOST_WITHIN, WITHIN, SeenAs, send_test
from mailer.receipts.consequences import apply
from mailer.receipts.matching import match_report
from mailer.security.tokens import Purpose
from mailer.settings.relay_address import RelayAddress
from mailer.worker.carriers import carriers
from tests.factories import NOW, TESTER, a_campaign, a_cast, a_document, a_mailer
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer, Kept

SITE = "https://news.network.example"
ASHA = "asha@network.example"
SECRET = {"id": "s", "type": "text", "text": "For full members alone.", "visible_to": ["full"]}
ANYBODY = SeenAs()
HELLO = {
    "id": "t",
    "type": "text",
    "text": "Hello {{first_name|friend}}, [read](https://a.example/x).",
}


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def an_issue(mailer: Mailer, *blocks: dict[str, Any], **more: str) -> int:
    with mailer.database.writing() as session:
        cast = a_cast(session)
        document = a_document(*(blocks or (HELLO, SECRET)))
        return a_campaign(session, cast.newsletter, document, **more).id


def send(
    mailer: Mailer, issue: int, to: str = ASHA, seen_as: SeenAs = ANYBODY, actor: Actor = TESTER
) -> list[IssueTest]:
    with mailer.database.writing() as session:
        return send_test(
            session, issue, several(to, most=99), seen_as, site=SITE, actor=actor, now=now()
        )


def carried(mailer: Mailer, tests: list[IssueTest], script: Script | None = None) -> list[Kept]:
    """Carry the tests by SMTP; what the relay took."""
    with FaultServer(script) as relay:
        carrying = carriers(mailer, relay=RelayAddress.parse(f"smtp://127.0.0.1:{relay.port}"))
        for each in tests:
            carrying.notices.carry(each.notice_id)
        carrying.relays.close()
        return relay.kept


def read(kept: Kept) -> EmailMessage:
    message = message_from_bytes(kept.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def parts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert html
    return plain.get_content(), html.get_content()


def test_a_test_is_the_real_mail_and_says_that_it_is_a_test(mailer: Mailer) -> None:
    made = send(mailer, an_issue(mailer), seen_as=SeenAs(("full",)))

    (kept,) = carried(mailer, made)

    message = read(kept)
    assert kept.recipient == ASHA
    assert message["Subject"].startswith("[Test v1] News for ")
    for part in parts(message):
        assert "This is a test of version 1, as Full members see it." in " ".join(part.split())
        assert "For full members alone." in part


def test_a_test_counts_nothing_and_its_links_are_nobodys(mailer: Mailer) -> None:
    issue = an_issue(mailer)

    (kept,) = carried(mailer, send(mailer, issue))

    message = read(kept)
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID"):
        assert name not in message
    for part in parts(message):
        assert "https://a.example/x" in part
        assert "/c/" not in part
        assert "/o/" not in part
        for token in re.findall(r"/[up]/([\w-]{32})", part):
            assert mailer.tokens.open(Purpose.CHOICES, token) == (0, 0)
    with mailer.database.reading() as session:
        assert session.scalar(select(func.count(Delivery.id))) == 0
        assert session.get_one(Campaign, issue).status is CampaignStatus.DRAFT


def test_a_test_keeps_the_version_and_shows_it_whatever_is_written_meanwhile(
    mailer: Mailer,
) -> None:
    issue = an_issue(mailer)
    made = send(mailer, issue)
    with mailer.database.writing() as session:
        document = a_document({**HELLO, "text": "Written later."})
        editing.edit(session, issue, actor=TESTER, now=now(), document=document)

    (kept,) = carried(mailer, made)

    assert "Hello" in parts(read(kept))[0]
    assert "Written later" not in parts(read(kept))[0]
    with mailer.database.reading() as session:
        campaign = session.get_one(Campaign, issue)
        assert (campaign.tested_version, campaign.version) == (1, 2)
        assert version_of(session, issue, 1).reasons[0]["why"] == "tested"


def test_each_category_gets_a_mail_of_its_own(mailer: Mailer) -> None:
    made = send(mailer, an_issue(mailer), seen_as=SeenAs(("full", "supporter")))

    full, supporter = (parts(read(each))[0] for each in carried(mailer, made))

    assert "For full members alone." in full
    assert "For full members alone." not in supporter


def test_a_test_as_a_person_has_their_name_and_goes_to_whoever_asked(mailer: Mailer) -> None:
    made = send(mailer, an_issue(mailer), seen_as=SeenAs(person="Alice@Aldmor.example"))

    (kept,) = carried(mailer, made)

    text = parts(read(kept))[0]
    assert "Hello Alice" in text
    assert "For full members alone." in text
    assert (kept.recipient, "alice@aldmor.example" in text) == (ASHA, False)


def test_an_unfinished_draft_can_be_tested(mailer: Mailer) -> None:
    unfinished = {"id": "st", "type": "story", "heading": "", "text": "A word."}
    made = send(mailer, an_issue(mailer, HELLO, unfinished, subject=""))

    (kept,) = carried(mailer, made)

    assert read(kept)["Subject"] == "[Test v1] (no subject yet)"


def test_hostile_words_stay_words(mailer: Mailer) -> None:
    subject = "A</body><script>alert(1)</script>\r\nBcc: everybody@victim.example"
    made = send(mailer, an_issue(mailer, HELLO, subject=subject))

    (kept,) = carried(mailer, made)

    message = read(kept)
    assert "Bcc" not in message
    assert "<script" not in parts(message)[1]


def test_there_has_to_be_something_to_read(mailer: Mailer) -> None:
    issue = an_issue(mailer, {"id": "d", "type": "divider"})

    with pytest.raises(NotAllowed, match="nothing to read"):
        send(mailer, issue)


def test_eleven_addresses_none_and_strangers_to_mail_are_refused(mailer: Mailer) -> None:
    issue = an_issue(mailer)
    eleven = ", ".join(f"person{place}@a.example" for place in range(11))

    for to, sentence in (
        (eleven, "at most 10 addresses: these are 11"),
        ("", "at least one address"),
        ("carol@carrdale.example", "do-not-email list"),
    ):
        with pytest.raises(FormError, match=sentence):
            send(mailer, issue, to)
    with mailer.database.reading() as session:
        assert session.scalar(select(func.count(SystemMail.id))) == 0


def test_who_only_unsubscribed_can_still_test(mailer: Mailer) -> None:
    issue = an_issue(mailer)
    with mailer.database.writing() as session:
        suppress(session, ASHA, SuppressionReason.UNSUBSCRIBED, source=TESTER, now=NOW)

    assert len(send(mailer, issue)) == 1


def test_readers_who_are_not_there_are_refused(mailer: Mailer) -> None:
    issue = an_issue(mailer)

    for seen_as in (SeenAs(("gone",)), SeenAs(person="nobody@a.example"), SeenAs(person="x")):
        with pytest.raises(FormError):
            send(mailer, issue, seen_as=seen_as)


def test_one_person_sends_thirty_tests_in_ten_minutes_at_most(mailer: Mailer) -> None:
    issue, marc = an_issue(mailer), Actor(ActorKind.OTHER, text="Marc")
    ten = ", ".join(f"person{place}@a.example" for place in range(10))
    for _ in range(MOST_WITHIN // 10):
        send(mailer, issue, ten)

    with pytest.raises(NotAllowed, match="30 test mails in ten minutes"):
        send(mailer, issue)
    assert send(mailer, issue, actor=marc)
    with mailer.database.writing() as session:
        later = now() + WITHIN + timedelta(seconds=1)
        to = several(ASHA, most=1)
        assert send_test(session, issue, to, SeenAs(), site=SITE, actor=TESTER, now=later)


def test_an_issue_that_has_gone_is_not_tested(mailer: Mailer) -> None:
    issue = an_issue(mailer)
    with mailer.database.writing() as session:
        session.get_one(Campaign, issue).status = CampaignStatus.SENT

    with pytest.raises(NotAllowed, match="nothing to test any more"):
        send(mailer, issue)


def test_where_a_test_got_to_is_known(mailer: Mailer) -> None:
    issue = an_issue(mailer)
    sent, refused = send(mailer, issue), send(mailer, issue, "gone@network.example")
    carried(mailer, sent)
    carried(mailer, refused, Script(on_rcpt=lambda _: "550 5.1.1 nobody here"))

    with mailer.database.reading() as session:
        newest, oldest = issue_test_states.states_of(session, issue, most=9)

    assert (oldest.address, oldest.status) == (ASHA, DeliveryStatus.ACCEPTED)
    assert newest.status is DeliveryStatus.REFUSED
    assert "nobody here" in newest.reply


def test_a_bounce_comes_home_to_its_test(mailer: Mailer) -> None:
    issue = an_issue(mailer)
    (kept,) = carried(mailer, send(mailer, issue))
    bounce = (
        f"To: {kept.return_path}\r\nFrom: MAILER-DAEMON@network.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.network.example\r\n\r\n"
        f"Final-Recipient: rfc822; {ASHA}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"
    ).encode()

    with mailer.database.writing() as session:
        for report in match_report(bounce, tokens=mailer.tokens):
            apply(session, report, now=now())

    with mailer.database.reading() as session:
        (state,) = issue_test_states.states_of(session, issue, most=9)
        assert state.heard is ReceiptKind.HARD_BOUNCED
        assert "no such user" in state.detail


def test_the_audit_says_who_tested_which_version_and_no_address(mailer: Mailer) -> None:
    issue = an_issue(mailer)
    send(mailer, issue)

    with mailer.database.reading() as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.act == "issue tested")).one()
        assert (line.actor, line.detail) == (TESTER, {"version": 1, "mails": 1})
