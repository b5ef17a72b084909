"""Why a message was not delivered, in one word of the vocabulary that live replies use as well.

Evidence in this order: what a family of hosts means by it, a fact in the text, a filter's judgement
in the text, the enhanced status code, vague wording, and the basic code. A filter that also
says "no such user" is believed as a filter: nobody is given up for its wording (RFC 3463 3.8).
Last comes the stage of the dialogue, which outweighs the words.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from mailer.delivery.smtp.phrases import BY_CODE, BY_ENHANCED, JUDGEMENTS, PHRASES
from mailer.receipts.bounces.vocabulary.dialogue import Stage, reason_at, stage_of
from mailer.receipts.bounces.vocabulary.tables import (
    ABOUT_US,
    FACTS,
    FAMILIES,
    HEDGE,
    HINTS,
    NULL_MX,
    Table,
)
from mailer.receipts.bounces.vocabulary.wording import BounceWording, wording_of

_LONGEST: Final = 4000  # characters of wording looked at
_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.([0-7])\.(\d{1,3})(?!\d|\.\d)")
_BASIC: Final = re.compile(r"(?<![\w.:@/-])([45][0-7]\d)(?=[ ,;:)\-]|$)")
# Servers use these for anything: they count only when nothing else is said.
_GENERIC: Final = frozenset({"1.0", "2.0", "3.0", "4.0", "7.0", "7.1"})
# Nor do they count then: "other protocol error" is sent with every refusal, "bad syntax" of an
# address that was fine before, and "disabled" for a while, which is any delay.
_NOT_BELIEVED: Final = frozenset({"0.0", "1.3", "5.0"})
_NOT_BELIEVED_FOR_A_WHILE: Final = frozenset({"2.1"})

_HARD: Final = frozenset({"userunknown", "hostunknown", "hasmoved"})
_FOR_GOOD: Final = _HARD | {"notaccept"}
_NEAR: Final = 80  # characters
_MARKS: Final = (". ", "; ", "! ")
# Replies about a command, or about who we are, and so about nobody's mailbox.
_NOT_ABOUT_A_MAILBOX: Final = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
_HERE: Final = {
    "1.9": "rejected",
    "2.0": "filtered",
    "2.1": "suspend",
    "5.6": "syntaxerror",
    "7.0": "securityerror",
    "7.1": "policyviolation",
    "7.13": "suspend",  # RFC 5248 2.4, as registered
    "7.27": "rejected",  # RFC 7505: the sender's domain takes no mail
    "7.17": "hasmoved",  # RFC 7293: the mailbox has another owner now
}
_BASIC_HERE: Final = {
    500: "syntaxerror",
    501: "syntaxerror",
    502: "syntaxerror",
    503: "syntaxerror",
    504: "syntaxerror",
    521: "notaccept",  # RFC 7504
    551: "hasmoved",
}


def reason_of(text: str, status: str = "", hosts: str = "", stage: Stage = Stage.UNKNOWN) -> str:
    """The reason in the text of a mail system, given its status code and the hosts it names.

    ``stage`` is believed where the text does not name one. ``onhold`` when the text matches no
    pattern, ``undefined`` when there is no text.
    """
    return _reason(text[:_LONGEST], status, hosts[:500], stage) or (
        "onhold" if text.strip() else "undefined"
    )


def explicit_reason(text: str, hosts: str = "") -> str:
    """The reason that a text gives by itself, or "": for choosing the text that gives one."""
    return _reason(text[:_LONGEST], best_status("", text), hosts[:500], Stage.UNKNOWN)


def is_hard(reason: str, status: str, text: str) -> bool:
    """Whether a failure for this reason is a failure for good."""
    if reason != "notaccept":
        return reason in _HARD
    if status:
        return status.startswith("5")
    # Whoever looked the domain up itself has no code to tell.
    code = basic_code(text)
    return code >= 500 or (not code and NULL_MX.search(text[:_LONGEST].lower()) is not None)


def best_status(given: str, text: str) -> str:
    """The enhanced status code: the given one, unless it is generic and the text has another."""
    own = _ENHANCED.search(given)
    if own is not None and own[0].partition(".")[2] not in {"0.0", "0.00"}:
        return own[0]
    candidates = [found for found in _ENHANCED.finditer(text[:_LONGEST]) if found[1] != "2"]
    if candidates:
        return max(candidates, key=lambda found: found[2] != "0")[0]
    return own[0] if own is not None else ""


def basic_code(text: str) -> int:
    """The first reply code of SMTP in the text, or 0."""
    found = _BASIC.search(text[:_LONGEST])
    return int(found[1]) if found else 0


@lru_cache(maxsize=512)  # the groups of one report often say the same
def _reason(text: str, status: str, hosts: str, stage: Stage) -> str:
    reason = _said(text, status, hosts)
    if reason in _HARD and basic_code(text) in _NOT_ABOUT_A_MAILBOX:
        reason = _BASIC_HERE.get(basic_code(text), "securityerror")
    return reason_at(stage_of(text) or stage, reason, status.partition(".")[2])


def _said(text: str, status: str, hosts: str) -> str:
    lowered = text.lower()
    if own := _by_family(f"{status} {lowered}", hosts.lower()):
        return own
    wording = wording_of(text)
    by_code, is_specific = _by_enhanced(status)
    told = _fact_or_judgement(wording.reply) or _fact_or_judgement(wording.core)
    # A code for one policy or check of a sender outweighs words about a mailbox (RFC 3463 3.8).
    checks_us = is_specific and ".7." in status and by_code not in _HARD
    if told and not (told in _HARD and checks_us):
        return told
    if is_specific:
        return by_code
    return (
        _advised(wording)
        or _hinted(wording)
        or by_code
        or (_by_basic(text) if wording.says_something else "")
    )


def _fact_or_judgement(words: str) -> str:
    fact, found = next(_found(FACTS, words), ("", None))
    judgement = _first(PHRASES, words)
    if found and fact in _FOR_GOOD:
        if ABOUT_US.search(_sentence(words, found)):
            fact = "rejected"
        elif fact in _HARD and HEDGE.search(words):
            fact = ""
    if fact and not (fact in _HARD and judgement in JUDGEMENTS):
        return fact
    return judgement if judgement in JUDGEMENTS else ""


def _advised(wording: BounceWording) -> str:
    """What only advice and set phrases say, and is not for good."""
    reason = _fact_or_judgement(wording.whole)
    return "" if reason in _HARD else reason


def _hinted(wording: BounceWording) -> str:
    hinted = (
        _first(HINTS, words) or _first(PHRASES, words) for words in (wording.reply, wording.core)
    )
    reason = next(filter(None, hinted), "") or _first(HINTS, wording.whole)
    return "" if reason in _HARD and HEDGE.search(wording.whole) else reason


def _by_enhanced(status: str) -> tuple[str, bool]:
    """What an enhanced code means, and whether it says more than its class does."""
    enhanced = status.partition(".")[2]
    passing = status.startswith("4")
    if enhanced in _NOT_BELIEVED or (passing and enhanced in _NOT_BELIEVED_FOR_A_WHILE):
        return "", False
    reason = _HERE.get(enhanced) or BY_ENHANCED.get(enhanced, "")
    if not reason and enhanced.startswith("7."):
        reason = "policyviolation"
        return reason, False
    if reason in _HARD and passing:  # a name server or a check that was not ready
        reason = "networkerror" if reason == "hostunknown" else "onhold"
    return reason, bool(reason) and enhanced not in _GENERIC


def _by_family(text: str, hosts: str) -> str:
    known = (each for each in FAMILIES if each.known_by.search(hosts) or each.known_by.search(text))
    found = (_first(each.rules, f"{text} {hosts}") for each in known)
    return next(filter(None, found), "")


def _by_basic(text: str) -> str:
    code = basic_code(text)
    return _BASIC_HERE.get(code) or BY_CODE.get(code, "")


def _sentence(words: str, found: re.Match[str]) -> str:
    """The sentence that a match stands in, or what is near where a list of lines has none."""
    start = max(0, found.start() - _NEAR)
    end = found.end() + _NEAR
    begin = max(words.rfind(mark, start, found.start()) + 1 for mark in _MARKS) or start
    stops = [words.find(mark, found.end(), end) for mark in _MARKS]
    return words[begin : min((stop for stop in stops if stop >= 0), default=end)]


def _found(table: Table, text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for reason, pattern in table:
        if found := pattern.search(text):
            yield reason, found


def _first(table: Table, text: str) -> str:
    return next((reason for reason, found in table if found.search(text)), "")
