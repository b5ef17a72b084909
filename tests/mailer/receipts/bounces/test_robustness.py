"""Any octets whatever are read: never an error, never beyond the bounds, never for long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.receipts.bounces import BounceKind, Report
from mailer.receipts.bounces.reading import read_mail
from mailer.receipts.bounces.vocabulary.reasons import reason_of
from tests.mailer.receipts.bounces.samples import (
    COMPLAINT,
    EXIM,
    QMAIL,
    RETURN_PATH,
    VACATION,
    dsn,
    group,
)

SAMPLES = [QMAIL, EXIM, COMPLAINT, VACATION, dsn(group()), dsn(group(), group("bob@b.example"))]


def check(message: bytes) -> tuple[Report, ...]:
    """Read it by the unguarded reader and see that every report keeps its promises."""
    reports = read_mail(message, RETURN_PATH)
    assert 1 <= len(reports) <= 1000
    for report in reports:
        assert len(report.diagnostic) <= 1000
        assert not report.diagnostic or report.diagnostic.isprintable()
        assert len(report.recipient) <= 320
        assert bool(report.reason) or report.kind is BounceKind.NONE
        for traces in (report.traces.return_paths, report.traces.message_ids):
            assert len(traces) <= 20
    return reports


@settings(max_examples=150)
@given(st.binary(max_size=2000))
def test_random_octets_are_read(octets: bytes) -> None:
    check(octets)


@settings(max_examples=150)
@given(st.text(max_size=500), st.sampled_from(SAMPLES))
def test_random_text_behind_a_real_header_is_read(text: str, sample: bytes) -> None:
    header = sample.partition(b"\n\n")[0]

    check(header + b"\n\n" + text.encode("utf-8", "surrogatepass"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample that has been through bad hands."""
    message = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(message)))
        lines = message.split(b"\n")
        number = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 5)):
            case 0:
                message = message[:at]
            case 1:
                message = message[:at] + draw(st.binary(max_size=3)) + message[at + 1 :]
            case 2:
                message = b"\n".join(lines[:number] + lines[number + 1 :])
            case 3:
                message = b"\n".join([*lines[:number], lines[number], *lines[number:]])
            case 4:
                message = b"From: postmaster@x.example\nContent-Type: message/rfc822\n\n" + message
            case _:
                message = (
                    b"Return-Path: <>\nContent-Type: multipart/mixed; boundary=w\n\n--w\n\n"
                    b"Undeliverable.\n--w\nContent-Type: message/rfc822\n\n"
                    + message
                    + b"\n--w--\n"
                )
    return message


@settings(max_examples=300)
@given(mutated())
def test_a_mutilated_sample_is_read(message: bytes) -> None:
    check(message)


@settings(max_examples=100)
@given(st.text(max_size=300), st.text(max_size=12), st.text(max_size=30))
def test_any_text_has_a_reason(text: str, status: str, hosts: str) -> None:
    assert reason_of(text, status, hosts)


def nested(depth: int) -> bytes:
    wrap = b"Content-Type: message/rfc822\n\n"
    return b"From: mailer-daemon@x.example\n" + wrap * depth + dsn(group())


def deep_multipart(depth: int) -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return b"Return-Path: <>\nSubject: failure notice\n" + opened + b"\nUser unknown\n"


def in_a_bounce(body: bytes, kind: bytes = b"text/plain") -> bytes:
    return (
        b"Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n"
        b"Content-Type: " + kind + b"\n\nUndeliverable.\n\n" + body
    )


BOMBS = {
    "deep messages": nested(5000),
    "deep multiparts": deep_multipart(3000),
    "many parts": in_a_bounce(b"\n--x\n\nUser unknown\n" * 100_000, b"multipart/mixed; boundary=x"),
    "many delimiters of others": in_a_bounce(b"\n--xy" * 500_000, b"multipart/mixed; boundary=x"),
    "many fields": b"X-A: b\n" * 500_000,
    "one endless line": in_a_bounce(b"user " * 1_000_000),
    "many addresses": in_a_bounce(b"<a@b.example>: user is the mailbox\n" * 100_000),
    "at signs": in_a_bounce(b"@" * 2_000_000),
    "dots": in_a_bounce(b"a@" + b"a." * 500_000),
    "letters": in_a_bounce(b"a" * 5_000_000),
    "angle brackets": in_a_bounce(b"<" * 1_000_000, b"text/html"),
    "silent elements": in_a_bounce(b"<style>" * 300_000, b"text/html"),
    "encoded words": b"Subject: " + b"=?utf-8?q?a" * 200_000 + b"\n\n",
    "near misses": in_a_bounce(b"the mailbox of the user is the account that was \n" * 50_000),
    "near misses, each its own": in_a_bounce(
        b"".join(
            b"<a%d@b%d.example>: %s%d\n"
            % (n, n, b"the mailbox of the user is the account " * 20, n)
            for n in range(5000)
        )
    ),
    "groups that say something else": dsn(
        *(group(f"a{n}@b.example", code=f"smtp; {'user mailbox ' * 70}{n}") for n in range(300))
    ),
    "groups": dsn(*(group(f"a{n}@b.example") for n in range(2000))),
    "base64": in_a_bounce(b"QUFB" * 1_000_000, b"text/plain\nContent-Transfer-Encoding: base64"),
    "ten megabytes of nonsense": bytes(range(256)) * 40_960,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_read_within_a_moment(bomb: str) -> None:
    # Not a measurement: quadratic time would take minutes here, linear time takes a blink.
    started = time.process_time()

    check(BOMBS[bomb])

    assert time.process_time() - started < 20
