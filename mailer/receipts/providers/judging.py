"""Whether a reported bounce is hard or soft.

The receiving server's text is judged as the courier judges a reply; the provider's classification
is used where that text gives no reason. A bounce is hard only if the provider calls it permanent
and the server says that the mailbox does not exist.
"""

import re
from dataclasses import dataclass
from typing import Final

from mailer.delivery.smtp.replies import Phase, Reply
from mailer.delivery.verdicts.judging import VerdictKind, judge_reply
from mailer.receipts.providers.model import EventKind

HARD_REASONS: Final = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
_SAYS_NOTHING: Final = frozenset({"undefined", "onhold"})
_CODE: Final = re.compile(r"(?<![\w.#-])([45][0-9]{2})(?=[ -]|$)")
_STATUS: Final = re.compile(r"(?<![\w.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![\w.])")


@dataclass(frozen=True, slots=True)
class EventJudgement:
    """What an event means: its kind, its reason and its enhanced status code."""

    kind: EventKind
    reason: str
    status: str


def judge(
    diagnostic: str, *, permanent: bool | None, status: str = "", code: int = 0, fallback: str = ""
) -> EventJudgement:
    """Judge one bounce.

    ``diagnostic`` is the server's text; ``permanent`` what the provider says, None when it does
    not; ``status`` and ``code`` what it says beside the text; ``fallback`` the reason its own
    classification stands for, "" for none.
    """
    status = _status(diagnostic, status)
    reply = _reply(diagnostic, status, code)
    verdict = judge_reply(Phase.RCPT, reply)
    reason = verdict.reason
    if fallback and (reason in _SAYS_NOTHING or not diagnostic):
        reason = fallback
    lasting = reply.kind == 5 and verdict.kind is VerdictKind.REFUSED
    if permanent is None:
        permanent = verdict.suppress
    hard = permanent and lasting and reason in HARD_REASONS
    return EventJudgement(EventKind.HARD if hard else EventKind.SOFT, reason, status)


def _status(diagnostic: str, given: str) -> str:
    """The more specific of two codes: many servers put the real one into the text only."""
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
