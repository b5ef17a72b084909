"""What replies mean, as a table that anybody can extend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.smtp.envelopes import Fate, Objection, Outcome
from mailer.delivery.smtp.replies import Phase, Reply
from mailer.delivery.verdicts.judging import (
    DeliveryVerdict,
    VerdictKind,
    asks_for_less,
    judge,
    judge_reply,
)


def verdict(phase: str, text: str) -> DeliveryVerdict:
    return judge_reply(Phase(phase), Reply(int(text[:3]), text[4:]))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("550 5.1.1 <a@example.com>: Recipient address rejected: User unknown", "userunknown"),
        ("550 5.1.1 The email account that you tried to reach does not exist.", "userunknown"),
        ("550 5.1.2 Bad destination system", "hostunknown"),
        ("553 5.1.3 Bad syntax", "syntaxerror"),
        ("551 5.1.6 Moved", "hasmoved"),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address", "notaccept"),
        ("556 5.1.10 Domain takes no mail", "notaccept"),
        ("556 null MX", "notaccept"),
        ("550 No such user here", "userunknown"),
        ("550 <spam@policy.example>: user unknown", "userunknown"),
        ("550 No such person, see https://blocked.example/policy", "userunknown"),
        ("550 5.0.0 unknown user", "userunknown"),
        ("551 User not local; please try <other@example.org>", "hasmoved"),
        ("550 mailbox not found", "userunknown"),
        ("553 invalid recipient", "userunknown"),
        ("550 Unrouteable address", "hostunknown"),
    ],
)
def test_no_such_user_at_rcpt_suppresses_the_address(text: str, reason: str) -> None:
    assert verdict("rcpt", text) == DeliveryVerdict(VerdictKind.REFUSED, reason, suppress=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("550 5.7.1 Message rejected due to local policy", "policyviolation"),
        ("550 5.7.1 User unknown", "policyviolation"),
        ("554 5.7.1 Service unavailable; blocked using zen.spamhaus.org", "blocked"),
        ("550 5.1.1 Rejected for policy reasons: no such user", "policyviolation"),
        ("550 No such user, or your address is on a blacklist", "blocked"),
        ("550 5.4.1 Recipient address rejected: Access denied", "blocked"),
        ("550 5.2.1 The email account that you tried to reach is disabled", "suspend"),
        ("550 5.2.2 Mailbox full", "mailboxfull"),
        ("550 5.4.4 Unable to route", "hostunknown"),
        ("554 5.1.1 user unknown", "userunknown"),
        ("550 5.1.0 Address rejected", "undefined"),
        ("550 Rejected", "undefined"),
        ("550", "undefined"),
        ("554 no", "undefined"),
        ("550 5.6.7 no EAI", "notcompliantrfc"),
    ],
)
def test_any_other_refusal_at_rcpt_leaves_the_contact_alone(text: str, reason: str) -> None:
    assert verdict("rcpt", text) == DeliveryVerdict(VerdictKind.REFUSED, reason, suppress=False)


@pytest.mark.parametrize(
    ("phase", "text", "reason"),
    [
        ("mail", "450 4.7.1 Throttled", "speeding"),
        ("mail", "454 Throttling failure: Maximum sending rate exceeded.", "speeding"),
        ("mail", "454 Throttling failure: Daily message quota exceeded.", "speeding"),
        ("mail", "452 4.3.1 Insufficient system storage", "systemfull"),
        ("rcpt", "450 4.2.0 Greylisted, try again in 300 seconds", "speeding"),
        ("rcpt", "451 4.3.0 Temporary lookup failure", "systemerror"),
        ("rcpt", "450 4.2.2 Mailbox full", "mailboxfull"),
        ("rcpt", "450 4.1.1 User unknown for now", "userunknown"),
        ("rcpt", "452 4.5.3 Too many recipients", "toomanyconn"),
        ("rcpt", "552 Too many recipients", "exceedlimit"),
        ("rcpt", "552 5.2.2 Over quota", "mailboxfull"),
        ("data", "451 4.3.0 later", "systemerror"),
        ("content", "451 4.7.0 Suspected spam, slow down", "spamdetected"),
        ("content", "421 4.3.2 bye", "notaccept"),
        ("mail", "421 4.7.0 mx Error: too many connections from 192.0.2.1", "toomanyconn"),
        ("mail", "450 4.7.1 Error: too much mail from 192.0.2.1", "speeding"),
        ("mail", "499 never heard of", "rejected"),
    ],
)
def test_a_reply_about_a_passing_trouble_defers(phase: str, text: str, reason: str) -> None:
    assert verdict(phase, text) == DeliveryVerdict(VerdictKind.DEFERRED, reason)


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        ("mail", "554 5.5.0 Error: SMTP protocol synchronization"),
        ("mail", "503 5.5.1 Error: nested MAIL command"),
        ("rcpt", "503 5.5.1 need MAIL"),
        ("data", "554 SMTP synchronization error"),
    ],
)
def test_a_reply_about_the_order_of_commands_refuses_nobody(phase: str, text: str) -> None:
    assert verdict(phase, text) == DeliveryVerdict(VerdictKind.DEFERRED, "mailererror")


@pytest.mark.parametrize(
    ("phase", "text", "reason"),
    [
        ("mail", "550 5.1.8 Sender domain not found", "rejected"),
        ("mail", "552 5.3.4 Message too big", "mesgtoobig"),
        ("mail", "553 5.1.7 Bad sender", "rejected"),
        ("mail", "555 5.5.4 Unsupported option", "syntaxerror"),
        ("mail", "550 user unknown", "userunknown"),
        ("mail", "530 5.7.0 Authentication required", "securityerror"),
        ("rcpt", "550 5.1.8 Sender address rejected: domain not found", "rejected"),
        ("rcpt", "554 5.7.1 <a@example.com>: Relay access denied", "norelaying"),
        ("rcpt", "530 5.7.0 Must issue a STARTTLS command first", "securityerror"),
        ("content", "550 5.7.26 This mail is unauthenticated: DMARC", "authfailure"),
        ("content", "550 5.7.23 SPF validation failed", "authfailure"),
        ("content", "550 5.7.515 Access denied, sending domain not aligned", "blocked"),
    ],
)
def test_a_refusal_that_holds_for_every_copy_pauses_the_campaign(
    phase: str, text: str, reason: str
) -> None:
    assert verdict(phase, text) == DeliveryVerdict(VerdictKind.CAMPAIGN, reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("554 5.6.0 no", "contenterror"),
        ("552 5.3.4 Message size exceeds fixed limit", "mesgtoobig"),
        ("552 too much", "mesgtoobig"),
        ("554 5.7.1 This looks like spam", "spamdetected"),
        ("550 5.7.0 blocked: virus found", "virusdetected"),
        ("550 5.1.1 User unknown", "userunknown"),
        ("554 no", "contenterror"),
    ],
)
def test_a_refused_content_never_suppresses_the_address(text: str, reason: str) -> None:
    assert verdict("content", text) == DeliveryVerdict(VerdictKind.REFUSED, reason, suppress=False)


@pytest.mark.parametrize("fate", [Fate.ACCEPTED, Fate.UNTOUCHED, Fate.UNCERTAIN])
def test_an_outcome_that_says_nothing_about_the_message_is_not_judged(fate: Fate) -> None:
    assert judge(Outcome(1, fate, Phase.CONTENT, sentence="connection lost")) is None


@pytest.mark.parametrize("objection", list(Objection))
def test_an_objection_of_ours_is_judged_without_a_reply(objection: Objection) -> None:
    judged = judge(Outcome(1, Fate.REFUSED, Phase.MAIL, sentence=str(objection)))

    assert judged is not None
    assert judged.kind is not VerdictKind.DEFERRED
    assert not judged.suppress


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (550, "5.1.1 x", "5.1.1"),
        (250, "2.0.0", "2.0.0"),
        (550, "4.1.1 x", None),
        (450, "5.1.1 x", None),
        (550, "5.01.1 x", None),
        (550, "5.1.1x", None),
        (550, "5.1.1234 x", None),
        (550, "5.1", None),
        (550, "x 5.1.1", None),
        (354, "3.0.0 x", None),
    ],
)
def test_an_enhanced_code_is_read_exactly(code: int, text: str, expected: str | None) -> None:
    assert Reply(code, text).enhanced == expected


@given(
    phase=st.sampled_from([Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.CONTENT]),
    code=st.integers(400, 599),
    text=st.text(max_size=80),
)
def test_every_reply_has_a_verdict(phase: Phase, code: int, text: str) -> None:
    judged = judge_reply(phase, Reply(code, text))

    assert judged.reason
    assert (judged.kind is VerdictKind.DEFERRED) or code >= 500
    assert not judged.suppress or (phase is Phase.RCPT and judged.kind is VerdictKind.REFUSED)


@pytest.mark.parametrize(
    ("phase", "text", "about_us"),
    [
        ("mail", "454 4.7.0 Throttling failure: Maximum sending rate exceeded.", True),
        ("content", "450 4.7.0 rate limit exceeded", True),
        ("rcpt", "421 4.7.0 rate limit exceeded", True),
        ("rcpt", "450 4.2.1 rate limit exceeded for this mailbox", False),
        ("rcpt", "451 4.7.1 Greylisted, rate limit", False),
        ("mail", "451 4.3.0 Temporary lookup failure", False),
        ("mail", "550 5.7.1 rate limit exceeded", False),
    ],
)
def test_only_a_reply_about_us_asks_for_less(phase: str, text: str, about_us: bool) -> None:
    reply = Reply(int(text[:3]), text[4:])
    outcome = Outcome(1, Fate.REFUSED, Phase(phase), reply)
    judged = judge(outcome)
    assert judged
    assert asks_for_less(outcome, judged) is about_us
