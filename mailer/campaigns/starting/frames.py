"""What an issue starts with before anybody has written: its masthead and its footer."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Newsletter
from mailer.models import Campaign, CampaignStatus

_NOT_ISSUES: Final = (CampaignStatus.BINNED, CampaignStatus.TEMPLATE)


def template_of(session: Session, newsletter: Newsletter) -> dict[str, object]:
    """The masthead and footer of a newsletter's newest issue, or those every issue starts with."""
    document = session.scalar(
        select(Campaign.document)
        .where(Campaign.newsletter_id == newsletter.id, Campaign.status.not_in(_NOT_ISSUES))
        .order_by(Campaign.id.desc())
        .limit(1)
    )
    blocks = (document or {}).get("blocks", [])
    frame = [block for block in blocks if block.get("type") in {"masthead", "footer"}]
    return {"version": 1, "blocks": frame} if frame else starter(newsletter)


def starter(newsletter: Newsletter) -> dict[str, object]:
    """The frame of a newsletter that has had no issue yet."""
    masthead = {"id": "masthead", "type": "masthead", "title": newsletter.name, "date": ""}
    footer = {
        "id": "footer",
        "type": "footer",
        "legal_name": newsletter.from_name,
        "postal_address": newsletter.postal_address,
        "why": f"You get this because you are subscribed to {newsletter.name}.",
    }
    return {"version": 1, "blocks": [masthead, footer]}


def dated(template: dict[str, object], text: str) -> dict[str, object]:
    """A document whose masthead says ``text``, such as the month it is for."""
    blocks = template.get("blocks")
    if not isinstance(blocks, list):
        return template
    return {
        **template,
        "blocks": [
            {**block, "date": text} if block.get("type") == "masthead" else block
            for block in blocks
        ],
    }
