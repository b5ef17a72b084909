"""What a relay's answer means for the message, the campaign and the contact.

Data first: three tables, read in this order: enhanced status code, phrase, basic code. A contact is
only ever given up on when the relay says, at RCPT, that there is no such mailbox; wording about
policy outweighs any code, since filters like to borrow codes (RFC 3463, RFC 5248, RFC 7372).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailer.delivery.envelopes import Fate, Objection, Outcome
from mailer.delivery.replies import Phase, Reply


class Kind(StrEnum):
    """What to do about it."""

    DEFERRED = "deferred"  # try this message again later
    REFUSED = "refused"  # remember it against this delivery
    CAMPAIGN = "campaign"  # every copy would fare the same: pause the campaign, touch no contact


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, the reason in one word, and whether the address is to be suppressed."""

    kind: Kind
    reason: str
    suppress: bool = False


_BY_ENHANCED: Final[dict[str, str]] = {
    "0.0": "",  # says nothing; look further
    "1.0": "",
    "1.1": "userunknown",
    "1.2": "hostunknown",
    "1.3": "syntaxerror",
    "1.4": "undefined",
    "1.6": "hasmoved",
    "1.7": "rejected",
    "1.8": "rejected",
    "1.10": "notaccept",
    "2.1": "suspend",
    "2.2": "mailboxfull",
    "2.3": "mesgtoobig",
    "2.4": "mailererror",
    "3.0": "systemerror",
    "3.1": "systemfull",
    "3.2": "notaccept",
    "3.3": "systemerror",
    "3.4": "mesgtoobig",
    "3.5": "systemerror",
    "4.1": "networkerror",
    "4.2": "networkerror",
    "4.3": "systemerror",
    "4.4": "hostunknown",
    "4.5": "speeding",
    "4.6": "networkerror",
    "4.7": "expired",
    "5.1": "syntaxerror",
    "5.2": "syntaxerror",
    "5.3": "toomanyconn",
    "5.4": "syntaxerror",
    "6.0": "contenterror",
    "6.1": "contenterror",
    "6.2": "contenterror",
    "6.3": "contenterror",
    "6.6": "contenterror",
    "6.7": "notcompliantrfc",
    "6.8": "notcompliantrfc",
    "6.9": "notcompliantrfc",
    "7.8": "securityerror",
    "7.20": "authfailure",
    "7.21": "authfailure",
    "7.22": "authfailure",
    "7.23": "authfailure",
    "7.24": "authfailure",
    "7.25": "requireptr",
    "7.26": "authfailure",
    "7.27": "notaccept",
    "7.515": "authfailure",
}

# No such mailbox, in a code: RFC 5248, and RFC 7505 4 for a domain that takes no mail.
_GONE_CODES: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_GONE_REASONS: Final = frozenset({"userunknown", "hostunknown", "hasmoved"})
_GONE_REPLIES: Final = frozenset({550, 551, 553})
# The sender is at fault, so every recipient would be refused alike.
_SENDER_CODES: Final = frozenset(
    {"5.1.7", "5.1.8", "5.7.515", *(f"5.7.{detail}" for detail in range(20, 28))}
)
_SENDER_REASONS: Final = frozenset({"authfailure", "norelaying", "requireptr", "securityerror"})

# In order: the first that is found counts. Judgements about a sender come before facts about a
# mailbox, so that "rejected by policy: no such user" gives nobody up.
_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    ("norelaying", r"relay(ing)? (access )?(is )?(denied|not (permitted|allowed)|prohibited)"),
    ("norelaying", r"(unable|not (allowed|permitted)) to relay|not (a )?(permitted|open) relay"),
    ("securityerror", r"authentication (is )?(required|needed|failed)|must authenticate"),
    ("securityerror", r"must issue a starttls|encryption (is )?required|bad credentials"),
    ("authfailure", r"\b(spf|dkim|dmarc)\b|unauthenticated (e-?)?mail"),
    ("requireptr", r"reverse dns|\bptr\b|\brdns\b|cannot find your (reverse )?hostname"),
    ("virusdetected", r"\bvirus|malware|infected"),
    ("spamdetected", r"\bspam(?!haus|cop)|\bunsolicited|\bbulk mail|\buce\b|junk mail"),
    ("blocked", r"black ?list|block ?list|\brbl\b|\bdnsbl\b|spamhaus|barracuda|spamcop"),
    ("blocked", r"\bblocked\b|\bbanned\b|client host rejected|access denied"),
    ("badreputation", r"reputation"),
    ("policyviolation", r"\bpolic(y|ies)\b|administrative(ly)? prohibit|not authori[sz]ed"),
    ("policyviolation", r"local restriction|content (was )?rejected|prohibited"),
    ("filtered", r"\bfilter"),
    ("speeding", r"gr[ea]y-?list|rate limit|too (many|fast)[\w ]* (messages|mails|rate)"),
    ("speeding", r"(daily|hourly|sending|message) (message |sending )?(quota|limit)"),
    ("speeding", r"throttl|sending rate|slow down|quota exceeded for .*sender|too quickly"),
    ("toomanyconn", r"too many (concurrent |simultaneous )?(connections|sessions)"),
    ("mailboxfull", r"mailbox (is )?full|over ?quota|quota (is )?(exceeded|full)|exceeded .*quota"),
    ("mailboxfull", r"insufficient (mailbox )?(storage|space) .*(user|recipient|mailbox)"),
    ("mesgtoobig", r"(message|mail|size).*(too (big|large)|exceeds)|size limit|maximum .*size"),
    ("exceedlimit", r"too many recipients"),
    ("systemfull", r"insufficient (system )?(storage|disk|space)|disk (is )?full"),
    ("suspend", r"(account|mailbox|user|recipient)[\w ]* (disabled|suspended|inactive|locked)"),
    ("suspend", r"(disabled|suspended|inactive|deactivated) (account|mailbox|user)"),
    ("hasmoved", r"user (has )?moved|has moved|no longer (works|employed|with|at|valid here)"),
    ("hasmoved", r"user not local"),
    ("userunknown", r"(user|recipient|mailbox|account|address(ee)?) (is )?unknown"),
    ("userunknown", r"unknown (user|recipient|mailbox|account|address|local[- ]?part)"),
    ("userunknown", r"no such (user|recipient|mailbox|account|address|person|name|local)"),
    ("userunknown", r"(does not|doesn.?t|did not) exist|non-?existent|is not known here"),
    ("userunknown", r"(user|recipient|mailbox|account|address)[\w ]* (was )?not (be )?found"),
    ("userunknown", r"no (mailbox|account|user) (here|by that name|with that name)"),
    ("userunknown", r"invalid (recipient|mailbox|user|account|address)|not a valid (mailbox|user)"),
    ("userunknown", r"mailbox (is )?(unavailable: no|not available: no) such"),
    ("hostunknown", r"(host|domain) (is )?(unknown|not found|does not exist)|no such domain"),
    ("hostunknown", r"unknown (host|domain)|nxdomain|unrouteable (mail )?(address|domain)"),
    ("contenterror", r"bare (lf|cr|line ?feed)|malformed|invalid header|\bmime\b|line too long"),
    ("expired", r"timed? ?out|try(ing)? again later|temporar(y|ily)"),
)
_PHRASE: Final = tuple((reason, re.compile(pattern)) for reason, pattern in _PHRASES)
_JUDGEMENTS: Final = frozenset(
    {
        "authfailure",
        "badreputation",
        "blocked",
        "filtered",
        "norelaying",
        "policyviolation",
        "requireptr",
        "securityerror",
        "spamdetected",
        "speeding",
        "virusdetected",
    }
)

# An address or a link in the text is not wording: "spam@policy.example" is only somebody's name.
_NOT_WORDING: Final = re.compile(r"https?://\S+|<[^>]*>|\S+@\S+")
# Postfix and Exim when a group is not to their taste: our own fault, mended by a slower grouping.
_OUT_OF_STEP: Final = re.compile(r"synchroni[sz]ation|improper(ly)? (use of )?pipelin|pipelining")

_BY_CODE: Final[dict[int, str]] = {
    421: "systemerror",
    450: "onhold",
    451: "systemerror",
    452: "systemfull",
    454: "systemerror",
    530: "securityerror",
    534: "securityerror",
    535: "securityerror",
    538: "securityerror",
    552: "mailboxfull",
    556: "notaccept",
}

_AT_ONCE: Final[dict[Phase, str]] = {
    Phase.MAIL: "rejected",
    Phase.DATA: "policyviolation",
    Phase.CONTENT: "contenterror",
}

_OBJECTIONS: Final[dict[str, Verdict]] = {
    Objection.RECIPIENT: Verdict(Kind.REFUSED, "syntaxerror"),
    Objection.UTF8: Verdict(Kind.REFUSED, "notcompliantrfc"),
    Objection.RETURN_PATH: Verdict(Kind.CAMPAIGN, "syntaxerror"),
    Objection.EIGHT_BIT: Verdict(Kind.CAMPAIGN, "contenterror"),
    Objection.TOO_BIG: Verdict(Kind.CAMPAIGN, "mesgtoobig"),
    Objection.BARE_LINE_END: Verdict(Kind.REFUSED, "contenterror"),
}


def judge(outcome: Outcome) -> Verdict | None:
    """What an outcome means; None when it is accepted, untouched or uncertain.

    Those three say nothing about the message: what follows is the courier's to decide.
    """
    if outcome.fate not in {Fate.DEFERRED, Fate.REFUSED}:
        return None
    if outcome.reply is not None:
        return judge_reply(outcome.phase, outcome.reply)
    return _OBJECTIONS.get(outcome.sentence, Verdict(Kind.DEFERRED, "networkerror"))


def judge_reply(phase: Phase, reply: Reply) -> Verdict:
    """What a reply of 4xx or 5xx means at this phase of a transaction."""
    wording = _NOT_WORDING.sub(" ", reply.text).lower()
    phrase = next((reason for reason, found in _PHRASE if found.search(wording)), "")
    reason = _reason(phase, reply, phrase)
    if reply.kind == 4:
        return Verdict(Kind.DEFERRED, reason)
    if phase is not Phase.CONTENT and _is_out_of_step(reply, wording):
        return Verdict(Kind.DEFERRED, "mailererror")
    if phase is Phase.RCPT and reply.code == 552:
        return Verdict(Kind.DEFERRED, reason)  # RFC 5321 4.5.3.1.10: to be read as 452
    if phase is Phase.MAIL or _is_about_the_sender(reply, reason):
        return Verdict(Kind.CAMPAIGN, reason)
    return Verdict(
        Kind.REFUSED, reason, suppress=phase is Phase.RCPT and _is_gone(reply, reason, phrase)
    )


def _reason(phase: Phase, reply: Reply, phrase: str) -> str:
    if phrase in _JUDGEMENTS:
        return phrase
    enhanced = (reply.enhanced or "").partition(".")[2]
    known = _BY_ENHANCED.get(enhanced, "")
    if not known and enhanced.startswith("7."):
        known = "policyviolation"
    fallback = _BY_CODE.get(reply.code) or _AT_ONCE.get(phase)
    if reply.code == 552 and phase is not Phase.RCPT:
        fallback = "mesgtoobig"
    return known or phrase or fallback or "undefined"


def _is_out_of_step(reply: Reply, wording: str) -> bool:
    return reply.code == 503 or _OUT_OF_STEP.search(wording) is not None


def _is_about_the_sender(reply: Reply, reason: str) -> bool:
    # Many servers hold back what they have against a sender until RCPT.
    return reply.enhanced in _SENDER_CODES or reason in _SENDER_REASONS


def _is_gone(reply: Reply, reason: str, phrase: str) -> bool:
    if phrase in _JUDGEMENTS:
        return False
    if reply.code == 556:
        return True
    if reply.code not in _GONE_REPLIES:
        return False
    if reply.enhanced in {None, "5.0.0"}:
        return reason in _GONE_REASONS
    return reply.enhanced in _GONE_CODES
