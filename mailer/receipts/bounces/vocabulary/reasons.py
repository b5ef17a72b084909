"""Why a message was not delivered, in one word of the vocabulary that live replies use as well.

Evidence in this order: what a family of hosts means by it, a fact in the text, a filter's judgement
in the text, the enhanced status code, vague wording, and the basic code. A filter that also
says "no such user" is believed as a filter: nobody is given up for its wording (RFC 3463 3.8).
"""

import re
from functools import lru_cache
from typing import Final

from mailer.delivery.smtp.phrases import BY_CODE, BY_ENHANCED, JUDGEMENTS, PHRASES
from mailer.receipts.bounces.vocabulary.tables import FACTS, FAMILIES, HINTS, Table

_LONGEST: Final = 4000  # characters of wording looked at
_NOT_WORDING: Final = re.compile(r"https?://\S{1,400}|<[^<>]{0,320}>|[^\s@]{1,64}@[^\s@]{1,255}")
_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.([0-7])\.(\d{1,3})(?!\d|\.\d)")
_BASIC: Final = re.compile(r"(?<![\w.:@/-])([45][0-7]\d)(?=[ ,;:)\-]|$)")
_GENERIC: Final = frozenset({"0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "7.0", "7.1"})

_HARD: Final = frozenset({"userunknown", "hostunknown", "hasmoved"})
_HERE: Final = {
    # A name that is no mailbox name has no mailbox (RFC 3463 3.2).
    "1.3": "userunknown",
    "1.9": "rejected",
    "2.0": "filtered",
    "2.1": "suspend",
    "5.0": "syntaxerror",
    "5.6": "syntaxerror",
    "7.0": "securityerror",
    "7.1": "policyviolation",
    "7.2": "policyviolation",
    "7.4": "securityerror",
    "7.7": "contenterror",
    "7.13": "suspend",  # RFC 5248 2.4, as registered
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


def reason_of(text: str, status: str = "", hosts: str = "") -> str:
    """The reason in the text of a mail system, given its status code and the hosts it names.

    ``onhold`` when the text matches no pattern, ``undefined`` when there is no text.
    """
    return _reason(text[:_LONGEST], status, hosts[:500]) or (
        "onhold" if text.strip() else "undefined"
    )


def explicit_reason(text: str, hosts: str = "") -> str:
    """The reason that a text gives by itself, or "": for choosing the text that gives one."""
    return _reason(text[:_LONGEST], best_status("", text), hosts[:500])


def is_hard(reason: str, status: str, text: str) -> bool:
    """Whether a failure for this reason is a failure for good."""
    if reason != "notaccept":
        return reason in _HARD
    code = basic_code(text)
    return status.startswith("5") or (not status and code >= 500)


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
def _reason(text: str, status: str, hosts: str) -> str:
    lowered = text.lower()
    wording = " ".join(_NOT_WORDING.sub(" ", lowered).split())
    if own := _by_family(f"{status} {lowered}", hosts.lower()):
        return own
    enhanced = status.partition(".")[2]
    fact = _first(FACTS, wording)
    judgement = next((word for word, found in PHRASES if found.search(wording)), "")
    if fact and not (fact in _HARD and judgement in JUDGEMENTS):
        return fact
    if judgement in JUDGEMENTS:
        return judgement
    by_code = _HERE.get(enhanced) or BY_ENHANCED.get(enhanced, "")
    if by_code in _HARD and status.startswith("4"):  # a name server or a check that was not ready
        by_code = "networkerror" if by_code == "hostunknown" else "onhold"
    if by_code and enhanced not in _GENERIC:
        return by_code
    return (
        _first(HINTS, wording)
        or judgement
        or by_code
        or ("policyviolation" if enhanced.startswith("7.") else "")
        or _by_basic(text)
    )


def _by_family(text: str, hosts: str) -> str:
    known = (each for each in FAMILIES if each.known_by.search(hosts) or each.known_by.search(text))
    return next((reason for each in known if (reason := _first(each.rules, text))), "")


def _by_basic(text: str) -> str:
    code = basic_code(text)
    return _BASIC_HERE.get(code) or BY_CODE.get(code, "")


def _first(table: Table, text: str) -> str:
    return next((reason for reason, found in table if found.search(text)), "")
