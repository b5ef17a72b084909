"""What keeps a document from being valid, told with codes of its own where no rule has told it.

FLD1 is a field or a block left empty, FLD2 a field that can’t be used as it is written, DOC1 a
document that can’t be read as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from mailer.authoring.blocks.base import Block
from mailer.authoring.checks import check_block, check_line
from mailer.authoring.document import is_left_out, new_block
from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.reading import Spot
from mailer.campaigns.checks.rule import FIX, IssueRule
from mailer.errors import Problem

_AROUND: Final = ("id", "visible_to", "note", "locked", "if_unwritten", "began_as")
_WRITTEN_ABOVE: Final = frozenset({"ALT1", "ALT2", "LNK1", "LNK3", "LNK4", "MRG1", "SUB1"})
_OF_MARKDOWN: Final = ("Link “", "Give the link to", "Add fallback words")
_EMPTY: Final = ("Fill in ", "Add at least one ", "Say ", "Write something", "Tick ", "Ask ")


class Unfinished(IssueRule):
    """A block that nobody has written, and fields that wait for their words."""

    code, level = "FLD1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for block in facts.reading.document.blocks:
            if is_empty(block):
                name = block.type_title
                message = f"{name} is empty. Write it, ask for it, or remove it."
                first = next((p.field for p in facts.reading.problems if p.block == block.id), "")
                yield self.at(Spot(block.id, name, first), message)


def is_empty(block: Block) -> bool:
    """Whether a block is as it was added, though something has to be written into it."""
    if block.is_frame or is_left_out(block):
        return False
    bare = new_block(block.type)
    as_added = replace(block, **{name: getattr(bare, name) for name in _AROUND}) == bare
    return as_added and any(check_block(bare, 1))


def left_over(facts: IssueFacts, told: Sequence[CheckFinding]) -> Iterator[CheckFinding]:
    """The document’s problems that no rule has told."""
    empty = {each.block for each in told if each.code == Unfinished.code}
    at = {(each.block, each.field) for each in told if each.code in _WRITTEN_ABOVE}
    for problem in facts.reading.problems:
        if problem.block in empty and problem.block:
            continue
        whole = not problem.message.startswith(_OF_MARKDOWN) and _is_rich(facts, problem)
        if (problem.block, problem.field) in at and not whole:
            continue
        yield _finding(problem)
    blocks = facts.reading.document.blocks
    if blocks and all(block.is_frame for block in blocks):
        sentence = "Add something to read: there is only the frame of an issue so far."
        yield CheckFinding("DOC1", FIX, sentence, "", "The issue", "blocks")
    for text, label, field in (
        (facts.campaign.subject, "Subject", "subject"),
        (facts.campaign.preview_text, "Preview text", "preview_text"),
    ):
        if ("", field) not in at:
            yield from map(_finding, check_line(text, label, field))


def _finding(problem: Problem) -> CheckFinding:
    code = "FLD1" if problem.message.startswith(_EMPTY) else "FLD2"
    if problem.where == "The document" or problem.field in {"id", "type"}:
        code = "DOC1"
    return CheckFinding(code, FIX, problem.message, problem.block, problem.where, problem.field)


def _is_rich(facts: IssueFacts, problem: Problem) -> bool:
    return any(
        each.rich and (each.spot.block, each.spot.field) == (problem.block, problem.field)
        for each in facts.reading.words
    )
