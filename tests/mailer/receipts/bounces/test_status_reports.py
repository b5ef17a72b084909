"""Reports that machines write (RFC 3464, RFC 6533): action, recipient, status and words."""

import pytest

from mailer.receipts.bounces import BounceKind, Report, read
from tests.mailer.receipts.bounces.samples import SENT, TOKEN, WANTED, dsn, group


def only(message: bytes, sent_to: str = "") -> Report:
    reports = read(message, sent_to=sent_to)
    assert len(reports) == 1
    return reports[0]


def test_a_mailbox_that_does_not_exist_is_a_hard_bounce() -> None:
    report = only(dsn(group()))

    assert (report.kind, report.recipient) == (BounceKind.HARD, WANTED)
    assert (report.reason, report.status) == ("userunknown", "5.1.1")
    assert report.diagnostic == "550 5.1.1 User unknown"


@pytest.mark.parametrize(
    ("action", "status", "code", "kind", "reason"),
    [
        ("failed", "4.4.7", "smtp; delivery time expired", BounceKind.SOFT, "expired"),
        ("failed", "5.2.2", "smtp; 552 5.2.2 over quota", BounceKind.SOFT, "mailboxfull"),
        (
            "failed",
            "5.7.1",
            "smtp; 550 5.7.1 listed as spam source",
            BounceKind.SOFT,
            "spamdetected",
        ),
        ("failed", "5.1.10", "smtp; 556 5.1.10 null MX", BounceKind.HARD, "notaccept"),
        ("Failed", "5.0.0", "SMTP; 550 No such user", BounceKind.HARD, "userunknown"),
        ("failed (gave up)", "5.1.2", "smtp; 550 bad", BounceKind.HARD, "hostunknown"),
        ("delayed", "4.4.1", "smtp; connection refused", BounceKind.SOFT, "networkerror"),
        ("delayed", "4.1.1", "smtp; 450 user unknown", BounceKind.SOFT, "userunknown"),
        ("delayed", "4.0.0", "smtp; something", BounceKind.SOFT, "expired"),
        ("delivered", "2.1.5", "smtp; 250 ok", BounceKind.NONE, "delivered"),
        ("relayed", "2.0.0", "smtp; 250 ok", BounceKind.NONE, "delivered"),
        ("expanded", "2.0.0", "smtp; 250 ok", BounceKind.NONE, "delivered"),
        ("", "5.1.1", "smtp; 550 5.1.1 unknown user", BounceKind.HARD, "userunknown"),
        ("", "2.0.0", "", BounceKind.NONE, "delivered"),
        ("failed", "5.0.0", "x-unix; 77", BounceKind.SOFT, "mailererror"),
        ("failed", "5.0.0", 'X-Postfix; unknown user: "alice"', BounceKind.HARD, "userunknown"),
        ("failed", "5.4.6", "smtp; 554 5.4.6 too many hops", BounceKind.SOFT, "networkerror"),
    ],
)
def test_the_action_decides_whether_it_is_final(
    action: str, status: str, code: str, kind: BounceKind, reason: str
) -> None:
    report = only(dsn(group(action=action, status=status, code=code)))

    assert (report.kind, report.reason) == (kind, reason)


def test_the_address_that_we_wrote_to_is_preferred() -> None:
    forwarded = group("alice@elsewhere.example", more=f"Original-Recipient: rfc822;{WANTED}\n")

    assert only(dsn(forwarded)).recipient == WANTED


def test_without_an_original_recipient_the_final_one_is_given() -> None:
    assert only(dsn(group("alice@elsewhere.example"))).recipient == "alice@elsewhere.example"


def test_the_address_behind_an_alias_is_the_last_choice() -> None:
    alias = group(more="X-Actual-Recipient: rfc822; x@inner.example\n")

    assert only(dsn(alias)).recipient == WANTED


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("rfc822;<alice@council.example>", WANTED),
        ("RFC822; alice@council.example", WANTED),
        ("alice@council.example", WANTED),
        ('rfc822; "alice" <alice@council.example>', WANTED),
        ("rfc822; <@relay.example,@hub.example:alice@council.example>", WANTED),
        ("rfc822; alice@council.example (expanded)", WANTED),
        ("rfc822; alice@Council.Example.", WANTED),
        ("rfc822; alice+2Bnews@council.example", "alice+news@council.example"),
        ("utf-8; zoë@café.example", "zoë@café.example"),
        ("utf-8; zo\\x{EB}@council.example", "zoë@council.example"),
        ('rfc822; "alice smith"@council.example', '"alice smith"@council.example'),
        ("rfc822; alice@[192.0.2.9]", "alice@[192.0.2.9]"),
        ("x400; /S=alice/O=council/", "alice@council.example"),
    ],
)
def test_an_address_is_read_down_to_the_bare_one(written: str, read_as: str) -> None:
    fields = f"Final-Recipient: {written}\nAction: failed\nStatus: 5.1.1"

    assert only(dsn(fields)).recipient == read_as


def test_each_recipient_has_a_report() -> None:
    reports = read(
        dsn(
            group(),
            group("bob@council.example", status="5.2.2", code="smtp; 552 mailbox full"),
            group("carol@council.example", action="delivered", status="2.0.0", code="smtp; 250"),
        )
    )

    assert [(r.recipient, r.kind) for r in reports] == [
        (WANTED, BounceKind.HARD),
        ("bob@council.example", BounceKind.SOFT),
        ("carol@council.example", BounceKind.NONE),
    ]


def test_groups_that_run_together_are_told_apart() -> None:
    reports = read(dsn(f"{group()}{group('bob@council.example')}"))

    assert [report.recipient for report in reports] == [WANTED, "bob@council.example"]


def test_a_blank_line_within_a_group_does_not_cut_it() -> None:
    torn = f"Final-Recipient: rfc822; {WANTED}\nAction: failed\n\nStatus: 5.2.2\n"

    assert [(r.recipient, r.reason) for r in read(dsn(torn))] == [(WANTED, "mailboxfull")]


def test_a_group_without_a_recipient_takes_the_one_we_wrote_to() -> None:
    assert only(dsn("Action: failed\nStatus: 5.1.1")).recipient == WANTED


def test_without_a_diagnostic_the_notice_gives_the_reason() -> None:
    text = f"<{WANTED}>: host mx.council.example said: 552 mailbox is full (in reply to RCPT TO)"
    report = only(dsn(group(status="5.0.0", code=""), text=text))

    assert report.reason == "mailboxfull"
    assert "mailbox is full" in report.diagnostic


def test_a_comment_behind_the_status_is_a_diagnostic() -> None:
    fields = (
        f"Original-recipient: rfc822;{WANTED}\nAction: failed\nStatus: 5.4.4 (Illegal host name)"
    )

    assert only(dsn(fields)).reason == "hostunknown"


def test_folded_and_unindented_continuations_are_read() -> None:
    report = only(dsn(group(code="smtp; 550 5.1.1\n  The account\ndoes not exist")))

    assert report.diagnostic == "550 5.1.1 The account does not exist"


def test_an_international_report_is_read() -> None:
    report = only(dsn(group(), media="message/global-delivery-status; charset=utf-8"))

    assert report.kind is BounceKind.HARD


def test_a_status_part_outside_a_report_counts_if_a_mail_system_sent_it() -> None:
    message = dsn(group()).replace(
        b"multipart/report; report-type=delivery-status", b"multipart/mixed"
    )

    assert only(message).kind is BounceKind.HARD


def test_status_fields_in_the_text_for_people_are_read() -> None:
    message = dsn(group(), media="text/plain")

    assert (only(message).kind, only(message).reason) == (BounceKind.HARD, "userunknown")


def test_a_report_wrapped_by_another_system_is_read() -> None:
    inner = dsn(group()).decode()
    outer = (
        "From: MAILER-DAEMON@gateway.example\nSubject: Returned mail\n"
        "Content-Type: multipart/mixed; boundary=out\n\n"
        "--out\n\nThe following addresses had delivery errors\n\n"
        f"--out\nContent-Type: message/rfc822\n\n{inner}\n--out--\n"
    )

    report = only(outer.encode())

    assert report.recipient == WANTED
    assert report.traces.message_ids == (f"m.{TOKEN}@news.example",)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_any_line_end_will_do(end: str) -> None:
    message = dsn(group()).replace(b"\n", end.encode())

    assert (only(message).kind, only(message).recipient) == (BounceKind.HARD, WANTED)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"--=_b--", b""),  # no end
        (b'boundary="=_b"', b'boundary="wrong"'),
        (b'boundary="=_b"', b""),
        (b'boundary="=_b"\n\n', b'boundary="=_b"\n'),  # no blank line before the body
        (b"charset=utf-8", b"charset=x-unheard-of"),
        (b"Your message", b"Votre message \xe9tait"),
    ],
)
def test_a_broken_report_is_read_all_the_same(was: bytes, becomes: bytes) -> None:
    message = dsn(group()).replace(was, becomes)

    assert (only(message).kind, only(message).recipient) == (BounceKind.HARD, WANTED)


def test_a_read_receipt_is_no_report() -> None:
    message = (
        "From: alice@council.example\nSubject: Read: News\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=n\n\n"
        "--n\nContent-Type: text/plain\n\nYour message was displayed.\n\n"
        "--n\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822;{WANTED}\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--n--\n"
    )

    assert only(message.encode()).kind is BounceKind.NONE


def test_a_filter_that_refuses_by_a_disposition_is_a_soft_bounce() -> None:
    message = (
        "Return-Path: <>\nFrom: Mail Delivery Subsystem <postmaster@council.example>\n"
        "Subject: Rejected: News\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=n\n\n"
        f"--n\nContent-Type: text/plain\n\nYour message to <{WANTED}> was automatically rejected:\n"
        "Quota exceeded\n\n"
        "--n\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822;{WANTED}\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n\n"
        f"--n\nContent-Type: message/rfc822\n\n{SENT}\n--n--\n"
    )
    report = only(message.encode())

    assert (report.kind, report.recipient, report.reason) == (
        BounceKind.SOFT,
        WANTED,
        "mailboxfull",
    )
