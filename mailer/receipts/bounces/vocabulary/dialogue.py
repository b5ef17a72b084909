"""At which stage of the SMTP dialogue a reply was given, and what it can be about there.

A server has not heard of a recipient before RCPT: a reply to HELO or MAIL is about us, whatever
its words. And behind the message it judges the message: whoever was taken at RCPT has a mailbox.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from mailer.receipts.bounces.vocabulary.tables import read_table

_TABLE: Final = read_table("dialogue.toml")


class Stage(StrEnum):
    """The command that a reply answers."""

    GREETING = "greeting"
    MAIL = "mail"
    RECIPIENT = "recipient"
    DATA = "data"  # the command alone; with grouped commands its reply may be that to RCPT
    CONTENT = "content"  # the end of the message
    UNKNOWN = ""


# The commands in the order of the table: "end of data" before "data".
_COMMANDS: Final = "|".join(f"(?P<{name}>{each})" for name, each in _TABLE["command"].items())
_NAMED: Final = re.compile(_TABLE["lead"] + f"(?:{_COMMANDS})")
_SENTENCES: Final = re.compile(
    "|".join(f"(?P<{name}>{each})" for name, each in _TABLE["sentence"].items())
)
_ERROR: Final = re.compile(r"(?:^|[\s:;>\"(])[45][0-7]\d(?=[ -]|$)")
_CONTINUED: Final = re.compile(r"\s*([45][0-7]\d)-")
_MARKS: Final = re.compile(r"^(?:<<<|<--|\()\s*")
_MOST_LINES: Final = 20
_NOBODY_LEFT: Final = re.compile(r"\b503\b|no valid recipient|need rcpt")
_ABOUT_A_MAILBOX: Final = frozenset(
    {"userunknown", "hostunknown", "hasmoved", "suspend", "filtered", "mailboxfull"}
)
_GONE: Final = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})


def stage_of(text: str) -> Stage:
    """The stage that a text names for its first error; UNKNOWN when it names none."""
    lowered = text.lower()
    named = [*_NAMED.finditer(lowered), *_SENTENCES.finditer(lowered)]
    if not named:
        return Stage.UNKNOWN
    named.sort(key=lambda found: found.start())
    error = _ERROR.search(lowered)
    before = [found for found in named if error is None or found.start() < error.start()]
    # Exim and transcripts name the command before the reply, Postfix behind it.
    stage = Stage((before[-1] if before else named[0]).lastgroup or "")
    if stage is Stage.DATA and _NOBODY_LEFT.search(lowered):
        return Stage.RECIPIENT
    return stage


def is_cut_short(reply: str) -> bool:
    """Whether a reply of several lines ends before its last (RFC 5321 4.2.1: "550-", "550 ")."""
    first = _CONTINUED.match(reply)
    return first is not None and f" {first[1]} " not in f"{reply} "


def whole_reply(reply: str, lines: Sequence[str]) -> str:
    """The whole of a reply that is cut short, out of a transcript; the reply when none has it."""
    ends, continues = f"{reply.strip()[:3]} ", f"{reply.strip()[:3]}-"
    start = next((number for number, line in enumerate(lines) if reply in line), len(lines))
    found: list[str] = []
    for line in lines[start : start + _MOST_LINES]:
        written = _MARKS.sub("", line.strip())
        if not written.startswith((continues, ends)):
            if found:
                break
            continue
        found.append(written)
        if written.startswith(ends):
            return " ".join(found)
    return reply


def reason_at(stage: Stage, reason: str, enhanced: str) -> str:
    """The reason that a reply gives, given the stage; ``enhanced`` is its code without the class.

    "" stands for no reason and for the policy that a server does not explain.
    """
    says_nothing = reason in {"", "policyviolation"}
    match stage:
        case Stage.GREETING if says_nothing or reason in _ABOUT_A_MAILBOX:
            return "blocked"
        case Stage.MAIL if not reason or reason in _ABOUT_A_MAILBOX | _GONE:
            return "rejected"
        case Stage.CONTENT if reason in _GONE:
            return "filtered"
        case Stage.DATA if reason in _GONE and not enhanced.startswith("1."):
            return "filtered"
    return reason
