"""Tables of what mail systems reply: phrases, enhanced status codes and basic codes, with reasons.

Live replies and bounces are both judged by them, so that one text has one meaning.
"""

import re
from typing import Final

# As registered: RFC 3463, RFC 5248, and the RFCs beside the codes. A code that only says that
# something is wrong has no reason, or one that every other sign outweighs.
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
    "1.9": "rejected",  # RFC 3886
    "1.10": "notaccept",  # RFC 7505
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
    "4.0": "networkerror",
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
    "5.5": "syntaxerror",
    "5.6": "syntaxerror",  # RFC 4954
    "6.0": "contenterror",
    "6.1": "contenterror",
    "6.2": "contenterror",
    "6.3": "contenterror",
    "6.4": "contenterror",
    "6.5": "contenterror",
    "6.6": "contenterror",  # RFC 4468
    "6.7": "notcompliantrfc",  # RFC 6531, as the three that follow
    "6.8": "notcompliantrfc",
    "6.9": "notcompliantrfc",
    "6.10": "notcompliantrfc",
    "7.2": "policyviolation",  # no permission to write to the list
    "7.3": "securityerror",
    "7.4": "securityerror",
    "7.5": "securityerror",
    "7.6": "securityerror",
    "7.7": "securityerror",
    "7.8": "securityerror",  # RFC 4954, as the five that follow
    "7.9": "securityerror",
    "7.10": "securityerror",
    "7.11": "securityerror",
    "7.12": "securityerror",
    "7.14": "securityerror",
    "7.15": "policyviolation",  # RFC 6710: the priority is too low
    "7.16": "mesgtoobig",  # RFC 6710: too big for its priority
    "7.18": "policyviolation",  # RFC 7293: the domain has another owner now
    "7.19": "systemerror",  # RFC 7293: the owner could not be asked for
    "7.20": "authfailure",  # RFC 7372, as the six that follow
    "7.21": "authfailure",
    "7.22": "authfailure",
    "7.23": "authfailure",
    "7.24": "authfailure",
    "7.25": "requireptr",
    "7.26": "authfailure",
    "7.27": "notaccept",  # RFC 7505: the sender's domain takes no mail
    "7.28": "speeding",  # a flood of mail
    "7.29": "authfailure",  # RFC 8617
    "7.30": "securityerror",  # RFC 8689
    "7.515": "authfailure",  # Microsoft's
}

# The first phrase found counts. Judgements about a sender come before facts about a mailbox, so
# that "rejected by policy: no such user" suppresses no address.
_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    ("norelaying", r"\brelay(ing)? (access )?(is )?(denied|not (permitted|allowed)|prohibited)"),
    ("norelaying", r"(unable|not (allowed|permitted|configured)|may not) (to )?(\d+ )?relay\b"),
    ("norelaying", r"\bno relaying\b|not (a )?(permitted|open) relay|do(n.t| not) relay\b"),
    ("securityerror", r"authentication (is )?(required|needed|failed)|must authenticate"),
    ("securityerror", r"(turn on|enable|requires?|use) (smtp )?authentication|smtp auth\b"),
    ("securityerror", r"\b(senders?|client)\b[\w ]{0,20}\bnot (logged in|authenticated)"),
    ("securityerror", r"must issue a starttls|encryption (is )?required|bad credentials"),
    ("securityerror", r"\b(does|do|did) not (do|support|offer) (start)?tls\b"),
    ("authfailure", r"\b(spf|dkim|dmarc)\b|unauthenticated (e-?)?mail"),
    ("authfailure", r"not (allowed|authori[sz]ed|permitted) to send (e-?mail |mail )?(from|for)\b"),
    ("requireptr", r"\breverse (dns|lookup|mapping)|\bptr\b|\brdns\b"),
    ("requireptr", r"(cannot|can.?t|could not|unable to) (find|resolve) your (reverse )?(host|ip)"),
    ("requireptr", r"lookup (for|of) (this|your|the) ip\b|\bips? [\w ]{0,20}cannot be verified"),
    ("virusdetected", r"\bvirus|\bmalware\b|\binfected\b"),
    ("badreputation", r"\breputation\b"),
    ("blocked", r"\b(ip|host|client|network|server)\b[^.]{0,40}\b(blocked|banned|black ?listed)\b"),
    ("spamdetected", r"\bspam(?!haus|cop)|\bunsolicited\b|\bbulk mail|\bu[bc]e\b|\bjunk mail"),
    ("blocked", r"\bblack ?list|\bblock ?list|\brbl\b|\bdnsbl\b|spamhaus|barracuda|spamcop"),
    ("blocked", r"\bblocked\b|\bbanned\b|client host rejected|access denied"),
    ("blocked", r"\b(network|ip|client)\b[\w ]{0,30} (is|are) not (allowed|permitted|accepted)"),
    ("blocked", r"\bip( address)? is (invalid|not valid) for\b"),
    ("blocked", r"(through|use|via) [\w ]{0,20}(mail|smtp)? ?server of your (isp|provider)"),
    ("blocked", r"(through|use|via) your (isp|(internet |service )*provider)('?s)?\b"),
    ("blocked", r"\bdynamic(ally)? (ip|assigned)|\b(dial-?up|residential) (ip|host|address)"),
    ("blocked", r"\bmail from your (network|ip|server|host)\b"),
    ("policyviolation", r"\bpolic(y|ies)\b|administrative(ly)? prohibit|not authori[sz]ed"),
    ("policyviolation", r"local restriction|\bprohibited\b"),
    ("filtered", r"\bfilter"),
    ("speeding", r"\bgr[ea]y-?list|\brate limit|too (many|fast)[\w ]{0,40} (messages|mails|rate)"),
    ("speeding", r"\b(daily|hourly|sending|message) (message |sending )?(quota|limit)"),
    ("speeding", r"throttl|sending rate|slow down|quota exceeded for .{0,60}sender|too quickly"),
    ("speeding", r"too much mail\b|sent to too many"),
    ("toomanyconn", r"too many (concurrent |simultaneous )?(connections|sessions)"),
    ("mailboxfull", r"\bmailbox (is )?full|over ?quota|quota (is )?(exceeded|full)"),
    ("mailboxfull", r"exceeded .{0,60}quota"),
    ("mailboxfull", r"insufficient (mailbox )?(storage|space) .{0,60}\b(user|recipient|mailbox)"),
    ("mesgtoobig", r"\b(message|mail|size)\b.{0,60}\b(too (big|large)|exceeds)\b|\bsize limit"),
    ("mesgtoobig", r"\bmaximum .{0,60}\bsize\b"),
    ("exceedlimit", r"too many recipients"),
    ("systemfull", r"insufficient (system )?(storage|disk|space)|disk (is )?full\b"),
    ("suspend", r"\b(account|mailbox|user|recipient)\b[\w ]{0,60} (disabled|suspended|inactive)\b"),
    ("suspend", r"\b(account|mailbox|user|recipient)\b[\w ]{0,60} locked\b"),
    ("suspend", r"\b(disabled|suspended|inactive|deactivated) (account|mailbox|user)"),
    ("hasmoved", r"\buser (has )?moved|has moved|no longer (works|employed|with|at|valid here)\b"),
    ("hasmoved", r"\buser not local"),
    ("userunknown", r"\b(user|recipient|mailbox|account|address(ee)?) (is )?unknown"),
    ("userunknown", r"unknown (user|recipient|mailbox|account|address|local[- ]?part)"),
    ("userunknown", r"no such (user|recipient|mailbox|account|address|person|name|local)"),
    ("userunknown", r"(does not|doesn.?t|did not) exist|non-?existent|is not known here"),
    ("userunknown", r"\b(user|recipient|mailbox|account|address)\b[\w ]{0,60}not (be )?found"),
    ("userunknown", r"no (mailbox|account|user) (here|by that name|with that name)"),
    ("userunknown", r"invalid (recipient|mailbox|user|account|address)|not a valid (mailbox|user)"),
    ("userunknown", r"mailbox (is )?(unavailable: no|not available: no) such"),
    ("hostunknown", r"\b(host|domain) (is )?(unknown|not found|does not exist)|no such domain"),
    ("hostunknown", r"unknown (host|domain)|nxdomain|unrouteable (mail )?(address|domain)"),
    ("contenterror", r"\bbare (lf|cr|line ?feed)|malformed|invalid header|\bmime\b|line too long"),
    ("contenterror", r"\bcontent (was |is )?(rejected|refused)"),
    ("expired", r"timed? ?out\b|try(ing)? again later|temporar(y|ily)"),
)
PHRASES: Final = tuple((reason, re.compile(pattern)) for reason, pattern in _PHRASES)
# An address or a link in the text is not wording: "spam@policy.example" is only somebody's name.
_NOT_WORDING: Final = re.compile(r"https?://\S+|<[^>]*>|\S+@\S+")
# A link to a site that lists addresses of senders is: often it is all that a server says.
_LISTED: Final = re.compile(r"https?://\S{0,200}?\b(spamhaus|spamcop|barracudacentral|sorbs)\.\S*")
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
    return _NOT_WORDING.sub(" ", _LISTED.sub(" dnsbl ", text.lower()))


def complains_of_order(text: str) -> bool:
    """Whether a refusal is about the order or grouping of commands, and not about a message."""
    return _OUT_OF_STEP.search(wording_of(text)) is not None


def says_session_is_full(text: str) -> bool:
    """Whether the server only says that this connection has carried its limit of messages."""
    return _END_OF_SESSION.search(wording_of(text)) is not None
