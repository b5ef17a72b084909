"""Builds the report on a failed delivery: hard or soft, with a diagnostic of one line."""

from typing import Final

from mailer.receipts.bounces.report import BounceKind, Report, Traces
from mailer.receipts.bounces.vocabulary.reasons import is_hard

_LONGEST_DIAGNOSTIC: Final = 1000
_UNKNOWN: Final = frozenset({"onhold", "undefined"})


def failure(
    recipient: str, reason: str, status: str, text: str, traces: Traces, *, delayed: bool
) -> Report:
    """The report on a delivery that has failed, or is delayed and so not given up."""
    if delayed and reason in _UNKNOWN:
        reason = "expired"
    hard = not delayed and is_hard(reason, status, text)
    kind = BounceKind.HARD if hard else BounceKind.SOFT
    return Report(kind, recipient, reason, status, one_line(text), traces, delayed)


def one_line(text: str) -> str:
    """The text on one printable line, bounded."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 2 * _LONGEST_DIAGNOSTIC])
    return " ".join(printable.split())[:_LONGEST_DIAGNOSTIC]
