"""Complaints (RFC 5965) and wishes to leave: what they ask, and whom they are from."""

import pytest

from mailer.receipts.bounces import BounceKind, read
from tests.mailer.receipts.bounces.samples import (
    COMPLAINT,
    RETURN_PATH,
    SENT,
    TOKEN,
    WANTED,
    dsn,
    group,
    mixed,
    prose,
)


def complaint(kind: str) -> bytes:
    return COMPLAINT.replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode())


@pytest.mark.parametrize(
    ("feedback", "kind", "reason"),
    [
        ("abuse", BounceKind.COMPLAINT, "feedback"),
        ("fraud", BounceKind.COMPLAINT, "feedback"),
        ("virus", BounceKind.COMPLAINT, "feedback"),
        ("other", BounceKind.COMPLAINT, "feedback"),
        ("Abuse", BounceKind.COMPLAINT, "feedback"),
        ("miscategorized", BounceKind.COMPLAINT, "feedback"),
        ("opt-out", BounceKind.UNSUBSCRIBE, "feedback"),
        ("not-spam", BounceKind.NONE, ""),
        ("auth-failure", BounceKind.NONE, ""),
    ],
)
def test_the_type_of_feedback_decides(feedback: str, kind: BounceKind, reason: str) -> None:
    reports = read(complaint(feedback))

    assert [(r.kind, r.reason, r.recipient) for r in reports] == [(kind, reason, WANTED)]


def test_a_redacted_address_gives_way_to_the_returned_one() -> None:
    message = COMPLAINT.replace(f"Original-Rcpt-To: <{WANTED}>\n".encode(), b"")

    assert read(message)[0].recipient == WANTED


def test_a_complaint_is_traced_by_the_return_path_and_the_message_id() -> None:
    traces = read(COMPLAINT)[0].traces

    assert traces.return_paths == (f"b+{TOKEN}",)
    assert traces.message_ids == (f"m.{TOKEN}@news.example",)


def test_microsofts_complaints_name_the_complainer_in_the_returned_header() -> None:
    part = f"Content-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: {WANTED}\n{SENT}\nHello\n"
    message = mixed("", part, sender="staff@provider.example", subject="complaint about message")

    assert [(r.kind, r.recipient) for r in read(message)] == [(BounceKind.COMPLAINT, WANTED)]


def test_a_feedback_report_without_a_type_is_none() -> None:
    message = COMPLAINT.replace(b"Feedback-Type: abuse\n", b"")

    assert read(message)[0].kind is BounceKind.NONE


def leaving(**given: str) -> bytes:
    return prose("", sender=f"Alice <{WANTED}>", subject="unsubscribe", path=f"<{WANTED}>", **given)


def test_mail_to_the_unsubscribe_address_asks_to_unsubscribe() -> None:
    report = read(leaving(to=f"u+{TOKEN}@news.example"))[0]

    assert (report.kind, report.recipient) == (BounceKind.UNSUBSCRIBE, WANTED)
    assert report.traces.unsubscribe == (f"u+{TOKEN}",)


def test_the_envelope_recipient_alone_is_enough() -> None:
    report = read(leaving(to="someone@news.example"), sent_to=f"u+{TOKEN}@news.example")[0]

    assert report.kind is BounceKind.UNSUBSCRIBE
    assert report.traces.unsubscribe == (f"u+{TOKEN}",)


def test_an_unsubscribe_address_in_a_returned_message_does_not_ask_to_unsubscribe() -> None:
    report = read(dsn(group()))[0]

    assert report.kind is BounceKind.HARD
    assert report.traces.unsubscribe == ("https://news.example/u/abc",)


def test_a_bounce_traces_its_delivery_every_way_it_can() -> None:
    message = dsn(group(), message="Reporting-MTA: dns; mx.example\nOriginal-Envelope-Id: env-123")
    traces = read(message, sent_to=RETURN_PATH.upper())[0].traces

    assert {path.lower() for path in traces.return_paths} == {f"b+{TOKEN}"}
    assert traces.message_ids == (f"m.{TOKEN}@news.example",)
    assert traces.envelope_ids == ("env-123",)


def test_the_message_that_is_answered_is_named_as_a_last_resort() -> None:
    message = prose(
        "Away.", subject="Automatic reply: News", header="In-Reply-To: <one@x.example>\n"
    )

    assert read(message)[0].traces.message_ids == ("one@x.example",)


def test_a_received_field_may_hold_the_only_trace() -> None:
    message = prose(
        "Could not be delivered.",
        to="undisclosed",
        header=f"Received: from mx by news.example for <{RETURN_PATH}>; Mon, 2 Nov 2026\n",
    )

    assert read(message)[0].traces.return_paths == (f"b+{TOKEN}",)
