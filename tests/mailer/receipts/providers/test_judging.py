"""What a reported bounce means for the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.receipts.providers.judging import HARD_REASONS, EventJudgement, judge
from mailer.receipts.providers.model import EventKind


@pytest.mark.parametrize(
    ("diagnostic", "reason", "status"),
    [
        ("smtp; 550 5.1.1 <carol@oldtown.example>: user unknown", "userunknown", "5.1.1"),
        ("smtp;550-5.1.1 The email account does not exist", "userunknown", "5.1.1"),
        ("host mx.oldtown.example said: 550 No such user here", "userunknown", ""),
        ("x-postfix; unknown user: carol", "userunknown", ""),
        ("550 5.1.2 Bad destination", "hostunknown", "5.1.2"),
        ("551 5.1.6 Moved", "hasmoved", "5.1.6"),
        ("556 5.1.10 Domain takes no mail", "notaccept", "5.1.10"),
        ("5.1.1 no", "userunknown", "5.1.1"),
    ],
)
def test_a_missing_mailbox_is_hard_when_the_provider_calls_it_permanent(
    diagnostic: str, reason: str, status: str
) -> None:
    assert judge(diagnostic, permanent=True) == EventJudgement(EventKind.HARD, reason, status)
    assert judge(diagnostic, permanent=False) == EventJudgement(EventKind.SOFT, reason, status)


@pytest.mark.parametrize(
    ("diagnostic", "reason"),
    [
        ("550 5.7.1 Message rejected due to local policy", "policyviolation"),
        ("550 5.1.1 Rejected for policy reasons: no such user", "policyviolation"),
        ("554 5.7.1 blocked using zen.spamhaus.org", "blocked"),
        ("550 5.7.26 This mail is unauthenticated", "authfailure"),
        ("550 5.7.27 Sender's domain takes no mail", "notaccept"),
        ("554 5.6.0 malformed", "contenterror"),
        ("552 5.3.4 too big", "mesgtoobig"),
        ("552 5.2.2 over quota", "mailboxfull"),
        ("450 4.1.1 user unknown for now", "userunknown"),
        ("421 4.4.7 expired", "expired"),
        ("550 5.2.1 disabled", "suspend"),
        ("550 Rejected", "undefined"),
        ("", "undefined"),
    ],
)
def test_other_reasons_are_soft(diagnostic: str, reason: str) -> None:
    judged = judge(diagnostic, permanent=True)

    assert (judged.kind, judged.reason) == (EventKind.SOFT, reason)


def test_the_classification_of_a_provider_never_overrules_the_server() -> None:
    assert judge("", permanent=True, fallback="userunknown").kind is EventKind.HARD
    assert judge("550 no", permanent=True, fallback="userunknown").kind is EventKind.HARD
    assert judge("550 spam", permanent=True, fallback="userunknown").reason == "spamdetected"
    assert judge("451 no", permanent=True, fallback="userunknown").kind is EventKind.SOFT


def test_without_a_verdict_of_the_provider_the_reply_decides() -> None:
    assert judge("550 5.1.1 no", permanent=None).kind is EventKind.HARD
    assert judge("550 no", permanent=None, fallback="userunknown").kind is EventKind.SOFT


def test_the_code_beside_the_text_counts_when_the_text_has_none() -> None:
    assert judge("user unknown", permanent=True, code=450).kind is EventKind.SOFT
    assert judge("550 user unknown", permanent=True, code=450).kind is EventKind.HARD
    assert judge("user unknown", permanent=True, code=605).kind is EventKind.HARD
    assert judge("no", permanent=True, status="5.1.1", code=554).kind is EventKind.HARD
    assert judge("x", permanent=True, status="4.2.2") == EventJudgement(
        EventKind.SOFT, "mailboxfull", "4.2.2"
    )


@given(
    diagnostic=st.text(max_size=80),
    permanent=st.sampled_from([True, False, None]),
    status=st.text("0123456789. x", max_size=8),
    code=st.integers(0, 999),
)
def test_every_bounce_is_judged_and_hard_only_for_what_is_hard(
    diagnostic: str, permanent: bool | None, status: str, code: int
) -> None:
    judged = judge(diagnostic, permanent=permanent, status=status, code=code)

    assert judged.kind in {EventKind.HARD, EventKind.SOFT}
    assert judged.reason
    assert judged.kind is EventKind.SOFT or (
        judged.reason in HARD_REASONS and permanent is not False
    )
