"""What came after a draft was made: offered to whoever writes, and put in by one press or never.

It is worked out whenever somebody looks, so that nothing is missed by a server that was away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import Actor
from contacts.names import fold
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.members import MemberWelcome
from mailer.authoring.document import Document
from mailer.authoring.library import items
from mailer.authoring.library.uses import sources_in
from mailer.campaigns import editing
from mailer.campaigns.assembly.assembling import PutIn, part
from mailer.campaigns.assembly.choice import FIGURES, MEMBER, Choice
from mailer.campaigns.assembly.choosing import choices, kinds_of
from mailer.campaigns.assembly.placing import Placed, place
from mailer.campaigns.assembly.span import span_of
from mailer.campaigns.drafts import blocks
from mailer.campaigns.verbs import Verb
from mailer.clock import instant_of
from mailer.errors import NotAllowed
from mailer.models import AssembledPart, Campaign, CampaignStatus, PartState, Schedule

_OPEN: Final = frozenset({CampaignStatus.DRAFT, CampaignStatus.HELD})  # nobody was asked yet
_GONE: Final = "That is not offered any more: somebody may have added it, or changed it."


@dataclass(frozen=True, slots=True)
class Offer:
    """New things of one kind. Those of a list can be added together, as one step."""

    what: str
    choices: tuple[Choice, ...]

    @property
    def together(self) -> bool:
        return len(self.choices) > 1 and bool(self.choices[0].listed_in)


def offers(session: Session, campaign: Campaign) -> list[Offer]:
    """What came since the draft was made and nobody has said no to; nothing once it was
    submitted."""
    found = _offered(session, campaign)
    return [Offer(what, tuple(those)) for what, those in groupby(found, key=lambda one: one.what)]


def accept(
    session: Session, campaign_id: int, keys: Sequence[str], *, actor: Actor, now: datetime
) -> Block:
    """Put what is offered under these keys into the issue, as one step that can be undone; several
    only if they are of one list. NotAllowed where they are not offered, or have no room."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    chosen = _chosen(session, campaign, keys)
    one_list = bool(chosen[0].listed_in) and len({each.what for each in chosen}) == 1
    if len(chosen) > 1 and not one_list:
        raise NotAllowed("Add them one by one: each becomes a block of its own.")
    document, _ = documents.read(campaign.document)
    placed = _placed(document, chosen)
    first = placed[0]
    made = placed[-1].block
    if first.new:
        made = blocks.put_block(
            session,
            campaign.id,
            replace(made, id=""),
            actor=actor,
            now=now,
            after=first.after or None,
        )
    elif any(each.block.id != made.id for each in placed):
        raise NotAllowed("They don’t fit into one list: add them one by one.")
    else:
        made = blocks.take_words(session, campaign.id, made, actor=actor, now=now)
    for each in chosen:
        if each.item_id is not None:
            item = items.find(session, each.item_id)
            items.note(session, item, "added to an issue", actor=actor, now=now, issue=campaign.id)
        _keep(session, campaign, PutIn(each, made.id), PartState.TAKEN, now=now)
    session.flush()
    return made


def decline(session: Session, campaign_id: int, keys: Sequence[str], *, now: datetime) -> int:
    """Offer these no more to this issue; how many they were. The library keeps them for others."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    chosen = _chosen(session, campaign, keys)
    for each in chosen:
        _keep(session, campaign, PutIn(each, ""), PartState.DECLINED, now=now)
    session.flush()
    return len(chosen)


def _chosen(session: Session, campaign: Campaign, keys: Sequence[str]) -> list[Choice]:
    offered = {each.key: each for each in _offered(session, campaign)}
    wanted = list(dict.fromkeys(keys))
    if not wanted or any(key not in offered for key in wanted):
        raise NotAllowed(_GONE)
    return [offered[key] for key in wanted]


def _offered(session: Session, campaign: Campaign) -> list[Choice]:
    if campaign.schedule_id is None or campaign.status not in _OPEN:
        return []
    schedule = session.scalar(
        select(Schedule)
        .where(Schedule.id == campaign.schedule_id)
        .options(joinedload(Schedule.newsletter))
    )
    if schedule is None or campaign.occurrence is None:
        return []
    goes_out = campaign.goes_out_at or instant_of(campaign.occurrence, schedule.zone)
    span = span_of(session, schedule, planned=campaign.occurrence, goes_out=goes_out)
    known = _known(session, campaign)
    document, _ = documents.read(campaign.document)
    there = {f"item {source.item}" for _, source in sources_in(document)}
    welcomed = _welcomed(document)
    return [
        choice
        for kind in kinds_of(schedule.pulls_in)
        if kind != FIGURES
        for choice in choices(session, span, kind, besides=campaign.id)
        if known.get(choice.key, PartState.TAKEN) is PartState.TAKEN
        and choice.key not in there
        and not (choice.what == MEMBER and fold(choice.title) in welcomed)
        and _came_later(choice, campaign)
    ]


def _came_later(choice: Choice, campaign: Campaign) -> bool:
    # When a membership began is often written down long after: it is new if nobody was told.
    if choice.what == MEMBER or choice.known_at is None:
        return True
    return choice.known_at > campaign.created_at


def _known(session: Session, campaign: Campaign) -> Mapping[str, PartState]:
    rows = session.execute(
        select(AssembledPart.key, AssembledPart.state).where(
            AssembledPart.campaign_id == campaign.id
        )
    )
    return {row.key: row.state for row in rows}


def _welcomed(document: Document) -> set[str]:
    return {
        fold(member.organisation)
        for block in document.blocks
        if isinstance(block, MemberWelcome)
        for member in block.members
    }


def _placed(document: Document, chosen: Sequence[Choice]) -> list[Placed]:
    found: list[Placed] = []
    for each in chosen:
        placed = place(document, each)
        if placed is None:
            raise NotAllowed(f"“{each.title}” has no room: its list is full. Take something out.")
        document = placed.document
        found.append(placed)
    return found


def _keep(
    session: Session, campaign: Campaign, put: PutIn, state: PartState, *, now: datetime
) -> None:
    """Write down what became of it; what was undone and taken again is one line."""
    kept = session.scalar(
        select(AssembledPart).where(
            AssembledPart.campaign_id == campaign.id, AssembledPart.key == put.choice.key
        )
    )
    if kept is None:
        session.add(part(campaign.id, put, state, now=now))
    else:
        kept.block_id, kept.state, kept.at, kept.why = put.block_id, state, now, put.choice.why
