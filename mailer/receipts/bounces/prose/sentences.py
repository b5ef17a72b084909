"""Finds the recipients that failed, and why, in the sentences of a notice.

There are as many notices as mail systems, but they all name an address and give the reason near it.
An address that the returned message was sent to is the surest; then one that stands alone on a line
or behind a word such as "Recipient:"; then one in a summary ("To: ..."), then one in a sentence.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

from mailer.receipts.bounces.parts.addresses import found_in, positions_in
from mailer.receipts.bounces.parts.fields import Fields
from mailer.receipts.bounces.prose.notices import BounceNotice
from mailer.receipts.bounces.vocabulary.reasons import explicit_reason

_MOST_RECIPIENTS: Final = 20
_NEAR: Final = 12  # lines that still belong to an address
_LONGEST_TEXT: Final = 2000  # characters
_NOT_RECIPIENT: Final = re.compile(
    r"\W*(from|sender|reply-to|message-?id|subject|mail from|envelope[- ]from|original sender|"
    r"return-path|references|in-reply-to|content-id|x-[\w-]+|reporting-mta|sender-mta|"
    r"message (id|identifier|reference|name)|messagename)\b\s*(address)?\s*[:=<]",
    re.IGNORECASE,
)
_ASK: Final = re.compile(
    r"contact|assist|question|for (more )?(help|information)|support|complain|report (this|it)|"
    r"send (an? )?(e-?)?mail to|forward (this|it)|administrator at|wenden sie|veuillez",
    re.IGNORECASE,
)
_LEADS: Final = re.compile(
    r"(rcpt(?: |_)?to|to|(?:\w+ )?recipients?(?: address| was)?|address(?:ed to)?|user|"
    r"account|mailbox|"
    r"unknown user|user unknown|e-?mail|failed|smtp|rfc822|mailto|undeliverable(?: to| address)?|"
    r"deliver(?:y|ed|able)? (?:to|for)|sent to|message to|mail to|error-for|empf[äa]nger|an|"
    r"destinataire|destinatario|宛先|送信先)\W{0,6}$|[;:>]\W{0,4}$",
    re.IGNORECASE,
)
_SUMMARY: Final = re.compile(r"\W{0,6}(to|cc|an|à|para|宛先)\s*:", re.IGNORECASE)
# A line of a transcript that sums up what became of an address (Sendmail).
_SUMMED_UP: Final = re.compile(r"\W{0,4}[45]\d\d[ -]([45]\.\d\.\d{1,3} )?\W{0,3}$")
_GOES_ON: Final = re.compile(r"[>\"')\]]*\s+(?!on \w{3},)\w")
_BECAME: Final = re.compile(r"(expanded|generated|forwarded|redirected) from|alias", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(r"(\bid|message-id|msgid)[\s:=<]{0,4}$", re.IGNORECASE)
_SYSTEMS: Final = frozenset({"postmaster", "mailer-daemon", "mailerdaemon", "abuse", "helpdesk"})
_OURS: Final = ("b+", "n+", "u+")


@dataclass(frozen=True, slots=True)
class NarratedFailure:
    """An address that failed and what the notice says about it, on one line."""

    address: str
    text: str


class _Rank(IntEnum):
    """How surely an address is the one that failed."""

    SENTENCE = 0
    SUMMARY = 1
    ALONE = 2
    EXPECTED = 3


@dataclass(frozen=True, slots=True)
class _Found:
    address: str
    line: int
    rank: _Rank
    begins: bool = False  # whether its line begins with it


def failures_in(notice: BounceNotice, fields: Fields, sent_to: str) -> list[NarratedFailure]:
    """Every recipient of whom the notice says something; empty when it names nobody.

    ``fields`` is the header of the notice itself, whose own addresses are nobody's failure.
    """
    expected = expected_recipients(notice, fields)
    found = _found_in(notice, _own(notice, fields, sent_to), expected)
    surest = max((each.rank for each in found), default=_Rank.SENTENCE)
    chosen = [each for each in found if each.rank is surest]
    if surest is _Rank.SENTENCE:
        chosen = chosen[:1]
    if surest is _Rank.EXPECTED:
        chosen = sorted([*chosen, *_beside(notice, found)], key=lambda each: each.line)
    if chosen:
        return [
            NarratedFailure(
                each.address,
                _text_near(
                    notice, each, [*chosen, *(one for one in found if one.rank >= each.rank)]
                ),
            )
            for each in chosen
        ]
    text = reason_text(notice)
    return [NarratedFailure(address, text) for address in expected.values()]


def _beside(notice: BounceNotice, found: list[_Found]) -> list[_Found]:
    """Others who failed beside those expected: each begins a line and has a reason of its own.

    Not one behind an alias: "<new> (expanded from <old>)" is about the old address alone.
    """
    by_line = sorted(found, key=lambda each: each.line)
    beside = []
    for one, following in pairwise([*by_line, _Found("", len(notice.lines), _Rank.SENTENCE)]):
        if one.rank is not _Rank.ALONE or not one.begins:
            continue
        between = _joined(notice.lines[one.line : following.line + 1])
        if following.rank is _Rank.EXPECTED and _BECAME.search(between):
            continue
        own = _joined(notice.lines[one.line : min(following.line, one.line + _NEAR)])
        if explicit_reason(own):
            beside.append(one)
    return beside


def expected_recipients(notice: BounceNotice, fields: Fields) -> dict[str, str]:
    """The returned message's recipients, by Exim's field or its own header; keys in lower case."""
    failed = [
        address for value in fields.every("x-failed-recipients") for address in found_in(value)
    ]
    if not failed:
        names = ("x-envelope-to", "x-sendto", "to", "apparently-to", "resent-to")
        sent = (found_in(value) for value in notice.returned.every(*names))
        failed = [address for addresses in sent for address in addresses]
    return {address.lower(): address for address in failed[:_MOST_RECIPIENTS]}


def text_about(address: str, notice: BounceNotice, others: Collection[str] = ()) -> str:
    """What the notice says about one address, or all of it when it does not name the address.

    ``others`` are the other recipients that it is about: what is said about them is left out.
    """
    line = _line_of(address, notice)
    if line is None:
        return "" if others else reason_text(notice)
    lines = ((each, _line_of(each, notice)) for each in others)
    known = [_Found(each, number, _Rank.EXPECTED) for each, number in lines if number is not None]
    own = _Found(address, line, _Rank.EXPECTED)
    return _text_near(notice, own, known, or_anywhere=not others)


def paragraph_about(address: str, notice: BounceNotice) -> str:
    """The paragraph that names an address, from the line that does; "" when none does."""
    line = _line_of(address, notice)
    return "" if line is None else _joined(notice.lines[line : _end_of_paragraph(notice, line)])


def _line_of(address: str, notice: BounceNotice) -> int | None:
    wanted = address.lower()
    lines = enumerate(notice.lines)
    return next((number for number, line in lines if wanted and wanted in line.lower()), None)


def _end_of_paragraph(notice: BounceNotice, line: int) -> int:
    end = min(line + _NEAR, len(notice.lines))
    return next((n for n in range(line + 1, end) if not notice.lines[n].strip()), end)


def reason_text(notice: BounceNotice) -> str:
    """The text of a notice that names nobody, from the line that gives a reason."""
    for number, line in enumerate(notice.lines):
        if line.strip() and explicit_reason(line):
            return _joined(notice.lines[number : number + 4])
    return _joined(notice.lines)


def _own(notice: BounceNotice, fields: Fields, sent_to: str) -> frozenset[str]:
    values = [
        sent_to,
        *fields.every("to", "from", "sender", "reply-to", "delivered-to", "return-path"),
    ]
    values += notice.returned.every("from", "sender", "reply-to", "return-path")
    return frozenset(address.lower() for value in values for address in found_in(value))


def _found_in(notice: BounceNotice, own: frozenset[str], expected: dict[str, str]) -> list[_Found]:
    found: dict[str, _Found] = {}
    for number, line in enumerate(notice.lines):
        if "@" not in line or _NOT_RECIPIENT.match(line):
            continue
        for start, end, address in positions_in(line):
            known = address.lower()
            local = known.partition("@")[0]
            if known not in expected and (
                known in own or local in _SYSTEMS or local.startswith(_OURS)
            ):
                continue
            rank = _rank(line, start, end, is_expected=known in expected)
            if rank is not None and (known not in found or found[known].rank < rank):
                begins = _begins(line[:start], line[end:])
                found[known] = _Found(address, number, rank, begins)
        if len(found) >= _MOST_RECIPIENTS:
            break
    return list(found.values())


def _rank(line: str, start: int, end: int, *, is_expected: bool) -> _Rank | None:
    if _SUMMARY.match(line):
        return _Rank.SUMMARY
    if is_expected:
        return _Rank.EXPECTED
    before, after = line[:start], line[end:]
    if _IDENTIFIER.search(before[-20:]):
        return None
    lead = before[-60:].strip(" \t<\"'*[(-•")
    if not lead or _SUMMED_UP.fullmatch(before[:40]) or (_LEADS.search(lead) and after[:1] != "/"):
        return _Rank.ALONE
    return None if _ASK.search(line) else _Rank.SENTENCE


def _begins(before: str, after: str) -> bool:
    """Whether a line is an entry for the address, and no sentence that has it as its subject."""
    if _GOES_ON.match(after):
        return False
    return not before.strip(" \t<\"'*[(-•") or _SUMMED_UP.fullmatch(before[:40]) is not None


def _text_near(
    notice: BounceNotice, found: _Found, others: Iterable[_Found], *, or_anywhere: bool = True
) -> str:
    """The paragraph of an address, made longer, and backwards, until it gives a reason.

    Lines that begin with one of ``others`` are about that one.
    """
    lines = notice.lines
    elsewhere = [each.line for each in others if each.line != found.line]
    next_one = min((line for line in elsewhere if line > found.line), default=len(lines))
    end = min(next_one, found.line + _NEAR)
    start = max(0, found.line - _NEAR)
    before = max((line for line in elsewhere if start <= line < found.line), default=None)
    if before is not None and explicit_reason(_joined(lines[before : found.line])):
        start = found.line
    for first, last in (
        (found.line, min(end, _end_of_paragraph(notice, found.line))),
        (found.line, end),
        (start, end),
    ):
        text = _joined(lines[first:last])
        if explicit_reason(text):
            return text
    anywhere = reason_text(notice) if or_anywhere else ""
    return anywhere if explicit_reason(anywhere) else _joined(lines[found.line : end])


def _joined(lines: tuple[str, ...]) -> str:
    text = " ".join(line.strip() for line in lines if line.strip(" -=*_"))
    return text[:_LONGEST_TEXT]
