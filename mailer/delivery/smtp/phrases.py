"""Tables of what mail systems reply: phrases, enhanced status codes and basic codes, with reasons.

Live replies and bounces are both judged by them, so that one text has one meaning.
"""

import re
from typing import Final

BY_ENHANCED: Final[dict[str, str]] = {
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

# The first phrase found counts. Judgements about a sender come before facts about a mailbox, so
# that "rejected by policy: no such user" suppresses no address.
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
    ("speeding", r"too much mail"),
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
PHRASES: Final = tuple((reason, re.compile(pattern)) for reason, pattern in _PHRASES)
# An address or a link in the text is not wording: "spam@policy.example" is only somebody's name.
_NOT_WORDING: Final = re.compile(r"https?://\S+|<[^>]*>|\S+@\S+")
# Postfix, Exim and similar servers, when commands come at a time or in an order they reject.
_OUT_OF_STEP: Final = re.compile(
    r"synchroni[sz]ation|improper(ly)? (use of )?pipelin|pipelining|no valid recipients"
)
# Exim and similar servers, when one connection has carried its limit of messages. The next message
# may go on another connection at once: it is no complaint about speed.
_END_OF_SESSION: Final = re.compile(
    r"(messages?|mails?|e-?mails|transactions?)( \w+)? (in|on|per|for|during|over) "
    r"((this|one|a|the|each|single|same) )?(smtp )?(connection|session)"
)
# A filter's opinion of the sender, which says nothing about the mailbox.
JUDGEMENTS: Final = frozenset(
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

BY_CODE: Final[dict[int, str]] = {
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


def wording_of(text: str) -> str:
    """The text of a reply in lower case, without addresses and links."""
    return _NOT_WORDING.sub(" ", text).lower()


def complains_of_order(text: str) -> bool:
    """Whether a refusal is about the order or grouping of commands, and not about a message."""
    return _OUT_OF_STEP.search(wording_of(text)) is not None


def says_session_is_full(text: str) -> bool:
    """Whether the server only says that this connection has carried its limit of messages."""
    return _END_OF_SESSION.search(wording_of(text)) is not None
