"""Campaigns for programs: listed, looked at, and steered while they are being sent."""

from typing import Any, Final

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mailer.campaigns import editing, launching, sending
from mailer.errors import FormError
from mailer.models import Campaign, CampaignStatus, Power
from mailer.reports.accounting import account
from mailer.web.api import asking
from mailer.web.api.bearer import caller
from mailer.web.policy import policy
from mailer.web.transactions import commit_early, session, this_mailer

blueprint = Blueprint("api_campaigns", __name__, url_prefix="/api/v1/campaigns")
_PAGE: Final = 50
_MOST: Final = 200
_LAST: Final = 2**63 - 1
_STATUSES: Final = [status.value for status in CampaignStatus]


@blueprint.get("")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """A page of them, the newest first; the next begins after the number in ``next``."""
    asked = asking.query({"status", "limit", "after"})
    limit = asking.whole(asked, "limit", least=1, most=_MOST) or _PAGE
    after = asking.whole(asked, "after", least=0, most=_LAST)
    status = asked.get("status")
    if status is not None and status not in _STATUSES:
        raise FormError([("status", f"Write one of {', '.join(_STATUSES)}.")])
    query = (
        select(Campaign)
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(Campaign.id < after)
    query = query.where(
        Campaign.status == CampaignStatus(status)
        if status is not None
        else Campaign.status != CampaignStatus.TEMPLATE
    )
    found = session().scalars(query).all()
    page = found[:limit]
    return jsonify(
        campaigns=[_line(campaign) for campaign in page],
        next=page[-1].id if len(found) > limit else None,
    )


@blueprint.get(f"/<{asking.NUMBER}:campaign_id>")
@policy(Power.VIEWER)
def show(campaign_id: int) -> ResponseReturnValue:
    """One of them, with its accounting."""
    return jsonify(_document(session(), campaign_id))


@blueprint.post(f"/<{asking.NUMBER}:campaign_id>/<any(pause, resume, stop):move>")
@policy(Power.EDITOR)
def steer(campaign_id: int, move: str) -> ResponseReturnValue:
    """Pause, resume or stop."""
    asking.body(())
    act = {"pause": sending.pause, "resume": sending.resume, "stop": sending.stop}[move]
    act(session(), campaign_id, actor=caller().actor, now=this_mailer().clock())
    return _as_it_is_now(campaign_id)


@blueprint.post(f"/<{asking.NUMBER}:campaign_id>/launch")
@policy(Power.EDITOR)
def launch(campaign_id: int) -> ResponseReturnValue:
    """Send it now. The audience is frozen by a worker, at once."""
    asking.body(())
    launching.launch(this_mailer(), campaign_id, actor=caller().actor)
    return _as_it_is_now(campaign_id)


def _as_it_is_now(campaign_id: int) -> ResponseReturnValue:
    # Counting a million rows takes its time, and SQLite's one writer is not kept waiting for it.
    commit_early()
    with this_mailer().database.reading() as looking:
        return jsonify(_document(looking, campaign_id))


def _document(looking: Session, campaign_id: int) -> dict[str, Any]:
    """What ``flask campaigns status`` prints, and what it is about."""
    campaign = editing.find(looking, campaign_id)
    about = {"subject": campaign.subject, "newsletter": campaign.newsletter.slug}
    return account(looking, campaign).to_json() | about


def _line(campaign: Campaign) -> dict[str, Any]:
    started_at, finished_at = campaign.started_at, campaign.finished_at
    return {
        "id": campaign.id,
        "status": campaign.status.value,
        "subject": campaign.subject,
        "newsletter": campaign.newsletter.slug,
        "started_at": started_at.isoformat() if started_at else None,
        "finished_at": finished_at.isoformat() if finished_at else None,
    }
