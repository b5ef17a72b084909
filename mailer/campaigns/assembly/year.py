"""Year in Review: an issue made of the facts of a year, in blocks to edit like any other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from contacts.models import Organisation
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.labs import PolicyLab
from mailer.authoring.blocks.members import Figure, Figures
from mailer.authoring.blocks.writing import Text
from mailer.authoring.document import Document
from mailer.campaigns.assembly.year_facts import SentIssue, YearFacts

_MOST_FIGURES: Final = 4
_SPECIAL: Final = re.compile(r"([\\`*_\[\]{}<>#~|]|^[-+]|(?<=^\d)[.)])")
_STAGES: Final = {
    value: words.lower()
    for field in BLOCK_TYPES[PolicyLab.type].fields
    if field.name == "stage"
    for value, words in field.choices
}


def filled(frame: dict[str, Any], facts: YearFacts, *, today: date) -> dict[str, Any]:
    """A newsletter’s frame with the year’s blocks above its end. Nothing is said of what there was
    none of."""
    document, _ = documents.read(frame)
    for block in _blocks(facts, today):
        body = [each for each in document.blocks if each.type not in {"social_links", "footer"}]
        document = documents.add(document, block, after=body[-1].id if body else None)
    return documents.to_json(_titled(document, facts.year))


def _titled(document: Document, year: int) -> Document:
    blocks: list[Block] = []
    for each in document.blocks:
        dated: Any = {"date": f"Year in Review {year}"}
        blocks.append(replace(each, **dated) if each.type == "masthead" else each)
    return Document(tuple(blocks))


def _blocks(facts: YearFacts, today: date) -> Iterator[Block]:
    counted = [each for each in facts.members if each.number]
    if counted:
        yield Figures(
            heading="The network today",
            numbers="typed",
            figures=tuple(
                Figure(number=f"{each.number:,}", label=each.name)
                for each in counted[:_MOST_FIGURES]
            ),
            counted_on=today.isoformat(),
        )
    if facts.joined:
        yield _listed(
            f"Who joined in {facts.year}",
            [_joined(each) for each in facts.joined],
        )
    if facts.issues:
        yield _listed("Our issues", [_issue(each) for each in facts.issues])
        yield Text(heading="How far it reached", text=_reach(facts))
    if facts.told:
        yield _listed(
            "Stories and events by member",
            [f"{plain(name)}: {_told(kinds)}" for name, kinds in facts.told.items()],
        )
    if facts.labs:
        yield _listed(
            "Policy Labs and Prototypes",
            [
                f"{plain(each.headline)}, led by {plain(each.lead)}: {_STAGES[each.stage]}"
                for each in facts.labs
            ],
        )


def _listed(heading: str, lines: Sequence[str]) -> Block:
    return Text(heading=heading, text="\n".join(f"- {each}" for each in lines))


def _joined(member: Organisation) -> str:
    since = f", {member.member_since:%B}" if member.member_since else ""
    category = plain(member.category.name) if member.category else ""
    return f"{plain(member.name)} ({category}{since})"


def _issue(sent: SentIssue) -> str:
    heard = f", opened by {sent.opened:,}, clicked by {sent.clicked:,}"
    return f"{plain(sent.name)}: received by {sent.accepted:,}{heard}"


def _reach(facts: YearFacts) -> str:
    number = len(facts.issues)
    return (
        f"{number} issue{'s' if number != 1 else ''} in {facts.year}, {facts.accepted:,} copies "
        f"received. Of the people who let us count, {facts.opened:,} opened one and "
        f"{facts.clicked:,} followed a link, added up over the issues."
    )


def _told(kinds: Mapping[str, int]) -> str:
    words = []
    for kind, one, several in (("story", "story", "stories"), ("event", "event", "events")):
        if number := kinds.get(kind):
            words.append(f"{number} {one if number == 1 else several}")
    return ", ".join(words)


def plain(text: str) -> str:
    """Words as Markdown says them, whatever signs are in them."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
