"""What a reported bounce means for the person: hard, or not.

The receiving server's own words are judged as the courier judges a reply; a provider's word fills
in where they say nothing. Both have to agree before an address is given up: hard is only what the
provider calls permanent and the server calls nobody there.
"""

import re
from dataclasses import dataclass
from typing import Final

from mailer.delivery.smtp.replies import Phase, Reply
from mailer.delivery.verdicts.judging import VerdictKind as Fate
from mailer.delivery.verdicts.judging import judge_reply
from mailer.receipts.providers.model import EventKind

HARD_REASONS: Final = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
_SAYS_NOTHING: Final = frozenset({"undefined", "onhold"})
_CODE: Final = re.compile(r"(?<![\w.#-])([45][0-9]{2})(?=[ -]|$)")
_STATUS: Final = re.compile(r"(?<![\w.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![\w.])")


@dataclass(frozen=True, slots=True)
class EventJudgement:
    """What to make of a bounce."""

    kind: EventKind
    reason: str
    status: str


def judge(
    diagnostic: str, *, permanent: bool | None, status: str = "", code: int = 0, word: str = ""
) -> EventJudgement:
    """Judge one bounce.

    ``diagnostic`` is the server's text; ``permanent`` what the provider thinks, None when it does
    not know; ``status`` and ``code`` what it says beside the text; ``word`` the reason its own
    classification stands for, "" for none.
    """
    status = _status(diagnostic, status)
    reply = _reply(diagnostic, status, code)
    verdict = judge_reply(Phase.RCPT, reply)
    reason = verdict.reason
    if word and (reason in _SAYS_NOTHING or not diagnostic):
        reason = word
    lasting = reply.kind == 5 and verdict.kind is Fate.REFUSED
    if permanent is None:
        permanent = verdict.suppress
    hard = permanent and lasting and reason in HARD_REASONS
    return EventJudgement(EventKind.HARD if hard else EventKind.SOFT, reason, status)


def _status(diagnostic: str, given: str) -> str:
    """The more telling of two: many servers put the real code into the text only."""
    found = _STATUS.search(diagnostic)
    if _STATUS.fullmatch(given) and not (found and given.endswith(".0.0")):
        return given
    return found[1] if found else ""


def _reply(diagnostic: str, status: str, code: int) -> Reply:
    found = _CODE.search(diagnostic)
    if found:
        code = int(found[1])
    elif not 400 <= code <= 599:
        code = 450 if status.startswith("4.") else 550
    return Reply(code, f"{status} {diagnostic}".strip())
