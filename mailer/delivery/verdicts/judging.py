"""What a relay's reply means for the message, the campaign and the contact.

The tables of ``smtp.phrases`` are read in this order: enhanced status code, phrase, basic code. An
address is suppressed only when the reply to RCPT says that there is no such mailbox. A phrase about
policy outweighs any code, because filters use codes that mean something else (RFC 3463, RFC 5248,
RFC 7372).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailer.delivery.smtp.envelopes import Fate, Objection, Outcome
from mailer.delivery.smtp.phrases import BY_CODE, BY_ENHANCED, JUDGEMENTS, PHRASES, wording_of
from mailer.delivery.smtp.replies import Phase, Reply


class VerdictKind(StrEnum):
    """What to do after a reply."""

    DEFERRED = "deferred"  # try this message again later
    REFUSED = "refused"  # remember it against this delivery
    CAMPAIGN = "campaign"  # every copy would be refused: pause the campaign, suppress nobody


@dataclass(frozen=True, slots=True)
class DeliveryVerdict:
    """What to do, the reason in one word, and whether the address is to be suppressed."""

    kind: VerdictKind
    reason: str
    suppress: bool = False


# No such mailbox, in a code: RFC 5248, and RFC 7505 4 for a domain that takes no mail.
_GONE_CODES: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_GONE_REASONS: Final = frozenset({"userunknown", "hostunknown", "hasmoved"})
_GONE_REPLIES: Final = frozenset({550, 551, 553})
# The sender is at fault, so every recipient would be refused alike.
_SENDER_CODES: Final = frozenset(
    {"5.1.7", "5.1.8", "5.7.515", *(f"5.7.{detail}" for detail in range(20, 28))}
)
_SENDER_REASONS: Final = frozenset({"authfailure", "norelaying", "requireptr", "securityerror"})
THROTTLING: Final = frozenset({"speeding", "toomanyconn"})
_OF_THE_RELAY: Final = frozenset({421, 454})
_ROUTING: Final = frozenset("%!@")

_BY_PHASE: Final[dict[Phase, str]] = {
    Phase.MAIL: "rejected",
    Phase.DATA: "policyviolation",
    Phase.CONTENT: "contenterror",
}

_OBJECTIONS: Final[dict[str, DeliveryVerdict]] = {
    Objection.RECIPIENT: DeliveryVerdict(VerdictKind.REFUSED, "syntaxerror"),
    Objection.UTF8: DeliveryVerdict(VerdictKind.REFUSED, "notcompliantrfc"),
    Objection.RETURN_PATH: DeliveryVerdict(VerdictKind.CAMPAIGN, "syntaxerror"),
    Objection.EIGHT_BIT: DeliveryVerdict(VerdictKind.CAMPAIGN, "contenterror"),
    Objection.TOO_BIG: DeliveryVerdict(VerdictKind.CAMPAIGN, "mesgtoobig"),
    Objection.BARE_LINE_END: DeliveryVerdict(VerdictKind.REFUSED, "contenterror"),
}


def judge(outcome: Outcome, *, recipient: str = "") -> DeliveryVerdict | None:
    """What an outcome means; None when it is accepted, untouched or uncertain.

    Those three say nothing about the message; ``couriers.consequences`` decides what follows.
    """
    if outcome.fate not in {Fate.DEFERRED, Fate.REFUSED}:
        return None
    if outcome.reply is not None:
        verdict = judge_reply(outcome.phase, outcome.reply)
        if verdict.reason == "norelaying" and outcome.phase is Phase.RCPT and _routes(recipient):
            return DeliveryVerdict(VerdictKind.REFUSED, verdict.reason)
        return verdict
    return _OBJECTIONS.get(outcome.sentence, DeliveryVerdict(VerdictKind.DEFERRED, "networkerror"))


def asks_for_less(outcome: Outcome, verdict: DeliveryVerdict) -> bool:
    """Whether a reply is about how much we send to this relay, and not about one recipient.

    To RCPT, a greylist or a recipient's mailbox uses the same phrases about one person.
    """
    if outcome.reply is None or verdict.kind is not VerdictKind.DEFERRED:
        return False
    about_us = outcome.phase is not Phase.RCPT or outcome.reply.code in _OF_THE_RELAY
    return about_us and verdict.reason in THROTTLING


def judge_reply(phase: Phase, reply: Reply) -> DeliveryVerdict:
    """What a 4xx or 5xx reply means at this phase of a transaction."""
    wording = wording_of(reply.text)
    phrase = next((reason for reason, found in PHRASES if found.search(wording)), "")
    reason = _reason(phase, reply, phrase)
    if reply.kind == 4:
        return DeliveryVerdict(VerdictKind.DEFERRED, reason)
    if phase is not Phase.CONTENT and reply.out_of_step:
        return DeliveryVerdict(VerdictKind.DEFERRED, "mailererror")
    if phase is Phase.RCPT and reply.code == 552:
        return DeliveryVerdict(
            VerdictKind.DEFERRED, reason
        )  # RFC 5321 4.5.3.1.10: to be read as 452
    if phase is Phase.MAIL or _is_about_the_sender(reply, reason):
        return DeliveryVerdict(VerdictKind.CAMPAIGN, reason)
    return DeliveryVerdict(
        VerdictKind.REFUSED,
        reason,
        suppress=phase is Phase.RCPT and _is_gone(reply, reason, phrase),
    )


def _routes(recipient: str) -> bool:
    # A server that relays for us still refuses an address that looks like a route (RFC 5321 F.2).
    # That is about this one address and must not pause the campaign.
    return not _ROUTING.isdisjoint(recipient.rpartition("@")[0])


def _reason(phase: Phase, reply: Reply, phrase: str) -> str:
    if phrase in JUDGEMENTS:
        return phrase
    if reply.kind == 4 and phrase in THROTTLING:
        return phrase  # servers throttle with codes of policy and of closing, too
    enhanced = (reply.enhanced or "").partition(".")[2]
    known = BY_ENHANCED.get(enhanced, "")
    if not known and enhanced.startswith("7."):
        known = "policyviolation"
    fallback = BY_CODE.get(reply.code) or _BY_PHASE.get(phase)
    if reply.code == 552 and phase is not Phase.RCPT:
        fallback = "mesgtoobig"
    return known or phrase or fallback or "undefined"


def _is_about_the_sender(reply: Reply, reason: str) -> bool:
    # Many servers refuse a sender only in reply to RCPT.
    return reply.enhanced in _SENDER_CODES or reason in _SENDER_REASONS


def _is_gone(reply: Reply, reason: str, phrase: str) -> bool:
    if phrase in JUDGEMENTS:
        return False
    if reply.code == 556:
        return True
    if reply.code not in _GONE_REPLIES:
        return False
    if reply.enhanced in {None, "5.0.0"}:
        return reason in _GONE_REASONS
    return reply.enhanced in _GONE_CODES
