"""Blocks of an issue that was held or skipped, brought across to the next one by a person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import Actor
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.checks import where
from mailer.authoring.document import Document
from mailer.authoring.library.uses import sources_in
from mailer.campaigns import editing
from mailer.campaigns.checks.validity import is_empty
from mailer.campaigns.drafts import blocks
from mailer.campaigns.verbs import Verb
from mailer.clock import wall_of
from mailer.errors import NotAllowed
from mailer.models import Campaign, CampaignKind, CampaignStatus
from mailer.network.details import zone

_LEFT: Final = (CampaignStatus.HELD, CampaignStatus.SKIPPED)
# What every issue has of itself.
_OWN: Final = frozenset({"masthead", "footer", "contents", "social_links", "figures"})


@dataclass(frozen=True, slots=True)
class BroughtBlock:
    """A block that can be brought across, by what people call it."""

    block: Block
    name: str


@dataclass(frozen=True, slots=True)
class LeftIssue:
    """An issue that did not go out, and what of it this one does not have."""

    issue: Campaign
    blocks: tuple[BroughtBlock, ...]


def left_before(session: Session, campaign: Campaign, *, now: datetime) -> LeftIssue | None:
    """The issue of the newsletter right before a draft, if it was held or skipped and has something
    to bring; None otherwise."""
    if campaign.status is not CampaignStatus.DRAFT or campaign.schedule_id is None:
        return None
    before = session.scalar(
        select(Campaign)
        .where(
            Campaign.newsletter_id == campaign.newsletter_id,
            Campaign.kind == CampaignKind.ISSUE,
            Campaign.id < campaign.id,
            Campaign.status != CampaignStatus.BINNED,
        )
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.id.desc())
        .limit(1)
    )
    if before is None or before.status not in _LEFT:
        return None
    found = _worth_bringing(session, before, campaign, now=now)
    return LeftIssue(before, tuple(found)) if found else None


def bring(
    session: Session, campaign_id: int, block_ids: Sequence[str], *, actor: Actor, now: datetime
) -> list[Block]:
    """Add copies of blocks of the issue before, above the footer, in their order; each can be
    undone. NotAllowed where there is nothing of that kind any more."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    left = left_before(session, campaign, now=now)
    offered = {each.block.id: each.block for each in left.blocks} if left else {}
    if not block_ids:
        raise NotAllowed("Choose at least one block.")
    if any(each not in offered for each in block_ids):
        raise NotAllowed("That block is not there any more, or is in this issue already.")
    chosen = [block for block in offered.values() if block.id in block_ids]
    document, _ = documents.read(campaign.document)
    above = [each for each in document.blocks if each.type not in {"social_links", "footer"}]
    after = above[-1].id if above else None
    made: list[Block] = []
    for each in chosen:
        put = blocks.put_block(session, campaign.id, each, actor=actor, now=now, after=after)
        made.append(put)
        after = put.id
    return made


def _worth_bringing(
    session: Session, before: Campaign, campaign: Campaign, *, now: datetime
) -> list[BroughtBlock]:
    document, _ = documents.read(before.document)
    here, _ = documents.read(campaign.document)
    out = wall_of(campaign.goes_out_at or now, zone(session))
    told = {source.item for _, source in sources_in(here)}
    bare = {_bare(each) for each in here.blocks}
    found = []
    for place, each in enumerate(documents.without_unwritten(document).blocks, start=1):
        block = None if each.type in _OWN or is_empty(each) else each.as_of(out)
        if block is None or any(block.problems_at(out)):
            continue
        items = {source.item for _, source in sources_in(Document((block,)))}
        if items & told or _bare(block) in bare:
            continue
        free = replace(block, locked=False, if_unwritten="", began_as="")
        found.append(BroughtBlock(free, where(block, place)))
    return found


def _bare(block: Block) -> str:
    return documents.beginning_of(replace(block, locked=False, if_unwritten="", language=""))
