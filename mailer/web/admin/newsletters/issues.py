"""Issues: the list, and the hub of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, select, true

from contacts.models import Category, Newsletter
from mailer.accounts import operators
from mailer.campaigns import editing
from mailer.campaigns.checks.finding import sendable
from mailer.campaigns.checks.running import summary
from mailer.campaigns.drafts.tests_read import readers_of
from mailer.campaigns.timeline.log import lines_of
from mailer.campaigns.verbs import Verb
from mailer.models import (
    EDITABLE,
    Campaign,
    CampaignKind,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Power,
)
from mailer.web import forms
from mailer.web.admin.newsletters import testing
from mailer.web.admin.newsletters.composer.checking import findings_of
from mailer.web.admin.newsletters.decision import decision_of
from mailer.web.admin.newsletters.filled import filled_of
from mailer.web.admin.newsletters.finding import audience_of, issue_of, link, reached
from mailer.web.admin.newsletters.history import history
from mailer.web.admin.newsletters.month import month_of
from mailer.web.admin.newsletters.owners import people_of
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.admin.newsletters.tasks import tasks_of
from mailer.web.admin.words import REASONS
from mailer.web.policy import may, policy, who_else
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("issues", __name__, url_prefix="/issues")
_PAGE = 50
_HAPPENED = 6
_TESTS = 4


_IN_BIN: Final = Campaign.status == CampaignStatus.BINNED
_LISTED: Final = Campaign.status.not_in((CampaignStatus.BINNED, CampaignStatus.TEMPLATE))
_SHOWN: Final[dict[str, ColumnElement[bool]]] = {
    "": _LISTED,
    "issues": _LISTED & (Campaign.kind == CampaignKind.ISSUE),
    "one_off": _LISTED & (Campaign.kind == CampaignKind.ONE_OFF),
    "bin": _IN_BIN,
}


_STATES: Final[dict[str, ColumnElement[bool]]] = {
    "": true(),
    "to_come": Campaign.status.in_(EDITABLE),
    "held": Campaign.status == CampaignStatus.HELD,
    "going": Campaign.status.in_((CampaignStatus.SENDING, CampaignStatus.PAUSED)),
    "gone": Campaign.status.in_(
        (CampaignStatus.SENT, CampaignStatus.SETTLED, CampaignStatus.STOPPED)
    ),
    "skipped": Campaign.status == CampaignStatus.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class _Which:
    show: str = forms.choice(*_SHOWN)
    state: str = forms.choice(*_STATES)
    newsletter: str = ""


@dataclass(frozen=True, slots=True)
class _Who:
    who: str = forms.text(longest=200, cut=True)


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every issue, the newest first; or the one-off emails alone, or what is in the bin; of one
    state or newsletter."""
    page, asked = forms.page(), forms.asked(_Which)
    show = asked.show
    wanted = _SHOWN[show] & _STATES[asked.state]
    if asked.newsletter:
        wanted &= Campaign.newsletter.has(Newsletter.slug == asked.newsletter)
    found = (
        session()
        .scalars(
            select(Campaign)
            .where(wanted)
            .options(*editing.WITH_WHAT_IS_APPROVED)
            .order_by(Campaign.binned_at.desc(), Campaign.id.desc())
            .offset((page - 1) * _PAGE)
            .limit(_PAGE + 1)
        )
        .all()
    )
    now = this_mailer().clock()
    return render_template(
        "admin/newsletters/issues.html",
        issues=[(issue, standing_of(issue, now=now)) for issue in found[:_PAGE]],
        numbers=_people(found[:_PAGE]),
        state=asked.state,
        newsletter=asked.newsletter,
        more=len(found) > _PAGE,
        page=page,
        show=show,
        counts={which: _number(which) for which in _SHOWN},
        newsletters=session().scalars(select(Newsletter).order_by(Newsletter.name)).all(),
        removes=may(Power.ADMIN),
        admins=[] if may(Power.ADMIN) else operators.who_may(session(), Power.ADMIN),
    )


def _people(issues: Sequence[Campaign]) -> dict[int, int]:
    """How many will receive each that is to come, and for how many the others were accepted."""
    gone = select(Delivery.campaign_id, func.count()).where(
        Delivery.campaign_id.in_([each.id for each in issues if each.started_at]),
        Delivery.status == DeliveryStatus.ACCEPTED,
    )
    rows = session().execute(gone.group_by(Delivery.campaign_id))
    accepted: dict[int, int] = {row[0]: row[1] for row in rows}
    will = {each.id: audience_of(each).will for each in issues if each.editable}
    return accepted | will


def _number(which: str) -> int:
    return session().scalar(select(func.count()).select_from(Campaign).where(_SHOWN[which])) or 0


@blueprint.get("/<newsletter>/<slug>")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The hub: every part of the issue and its state."""
    issue = issue_of(newsletter, slug)
    if issue.status is CampaignStatus.TEMPLATE:
        return redirect(link("composing.show", issue))
    if issue.started_at is not None:
        return redirect(link("reports.show" if issue.finished_at else "sending.progress", issue))
    now, edits, who = this_mailer().clock(), may(Power.EDITOR), forms.asked(_Who).who
    audience = audience_of(issue)
    findings = findings_of(issue, audience)
    tasks = tasks_of(issue, audience, findings, edits=edits)
    tests = testing.rows_of(issue, most=_TESTS)
    return render_template(
        "admin/newsletters/issue.html",
        issue=issue,
        standing=standing_of(
            issue,
            now=now,
            tasks=tasks,
            audience=audience,
            edits=edits,
            approves=may(Power.APPROVER),
        ),
        month=month_of(issue, now=now),
        tasks=tasks,
        held_back=not sendable(findings),
        checked=summary(findings),
        audience=audience,
        reasons=REASONS,
        categories=session().scalars(select(Category).order_by(Category.position)).all(),
        people=people_of(issue, may_change=edits and issue.editable) if issue.editable else None,
        timeline=lines_of(session(), issue),
        history=history(session(), issue, most=_HAPPENED),
        tests=tests,
        filled=filled_of(issue),
        tests_live=testing.are_live(tests),
        found_right_by=readers_of(session(), issue) if tests else [],
        who=who,
        reached=reached(issue, who),
        bins=edits and Verb.BIN.allows(issue.status),
        who_can=who_else(Power.EDITOR),
        decision=decision_of(issue, audience),
    )
