"""Issues: the list, and the hub of one."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contacts.models import Category, Newsletter
from mailer.accounts import operators
from mailer.campaigns.checks.finding import sendable
from mailer.campaigns.checks.running import summary
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.checking import findings_of
from mailer.web.admin.newsletters.finding import audience_of, issue_of, link, reached
from mailer.web.admin.newsletters.history import history
from mailer.web.admin.newsletters.month import month_of
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.admin.newsletters.tasks import tasks_of
from mailer.web.admin.words import REASONS
from mailer.web.policy import may, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("issues", __name__, url_prefix="/issues")
_PAGE = 50
_HAPPENED = 6


@dataclass(frozen=True, slots=True)
class _Who:
    who: str = forms.text(longest=200, cut=True)


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every issue, the newest first."""
    page = forms.page()
    found = (
        session()
        .scalars(
            select(Campaign)
            .options(joinedload(Campaign.newsletter))
            .order_by(Campaign.id.desc())
            .offset((page - 1) * _PAGE)
            .limit(_PAGE + 1)
        )
        .all()
    )
    now = this_mailer().clock()
    return render_template(
        "admin/newsletters/issues.html",
        issues=[(issue, standing_of(issue, now=now)) for issue in found[:_PAGE]],
        more=len(found) > _PAGE,
        page=page,
        newsletters=session().scalars(select(Newsletter).order_by(Newsletter.name)).all(),
    )


@blueprint.get("/<newsletter>/<slug>")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The hub: every part of the issue and its state."""
    issue = issue_of(newsletter, slug)
    if issue.started_at is not None:
        return redirect(link("reports.show" if issue.finished_at else "sending.progress", issue))
    now, edits, who = this_mailer().clock(), may(Power.EDITOR), forms.asked(_Who).who
    audience = audience_of(issue)
    findings = findings_of(issue, audience)
    tasks = tasks_of(issue, audience, findings, edits=edits)
    return render_template(
        "admin/newsletters/issue.html",
        issue=issue,
        standing=standing_of(issue, now=now, tasks=tasks, edits=edits),
        month=month_of(issue, now=now),
        tasks=tasks,
        held_back=not sendable(findings),
        checked=summary(findings),
        audience=audience,
        reasons=REASONS,
        categories=session().scalars(select(Category).order_by(Category.position)).all(),
        history=history(session(), issue, most=_HAPPENED),
        who=who,
        reached=reached(issue, who),
        who_can=[] if edits else operators.who_may(session(), Power.EDITOR),
    )
