"""Home: this month's issue and the one next step, the last issue in a line."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contacts.models import Category
from mailer.accounts import operators
from mailer.models import EDITABLE, Campaign, CampaignStatus, Operator, Power
from mailer.operations import readiness
from mailer.receipts.incoming.unreadable import UnreadableMail
from mailer.reports.accounting import account
from mailer.reports.engagement import engagement
from mailer.web import forms
from mailer.web.admin import start
from mailer.web.admin.newsletters.finding import audience_of
from mailer.web.admin.newsletters.tasks import tasks_of
from mailer.web.admin.words import REASONS
from mailer.web.limits import visits
from mailer.web.policy import may, policy, public
from mailer.web.shell import THEMES
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("home", __name__)
_RECENT: Final = timedelta(days=14)
_LIVE = (*EDITABLE, CampaignStatus.SENDING, CampaignStatus.PAUSED)
_OVER = (CampaignStatus.SENT, CampaignStatus.SETTLED, CampaignStatus.STOPPED)


@blueprint.get("/")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """This month's issue, or what comes before the first."""
    if steps := start.steps():
        return render_template(
            "admin/home_start.html",
            steps=steps,
            sender=start.sender_domain(),
            admins=[] if may(Power.ADMIN) else start.admins(),
            **_notes(),
        )
    find = select(Campaign).options(joinedload(Campaign.newsletter), joinedload(Campaign.segment))
    issue = session().scalar(
        find.where(Campaign.status.in_(_LIVE))
        .order_by(Campaign.send_wall.is_(None), Campaign.send_wall, Campaign.id)
        .limit(1)
    )
    last = session().scalar(
        find.where(Campaign.status.in_(_OVER)).order_by(Campaign.finished_at.desc()).limit(1)
    )
    return render_template(
        "admin/home.html",
        issue=issue,
        tasks=tasks_of(issue) if issue else [],
        audience=audience_of(issue) if issue else None,
        account=account(session(), issue) if issue else None,
        categories=session().scalars(select(Category).order_by(Category.position)).all(),
        reasons=REASONS,
        last=last,
        last_account=account(session(), last) if last else None,
        last_heard=engagement(session(), last.id) if last else None,
        **_notes(),
    )


def _notes() -> dict[str, Any]:
    return {
        "to_look_at": _aside_count() if may(Power.EDITOR) else 0,
        "unreached": _unreached() if may(Power.ADMIN) else [],
        "out_of_order": _out_of_order() if may(Power.ADMIN) else [],
    }


def _aside_count() -> int:
    return UnreadableMail(this_mailer().settings.incoming_dir).count()


def _out_of_order() -> list[str]:
    here = this_mailer()
    return readiness.sentences(readiness.host_state(here.settings, now=here.clock()))


def _unreached() -> list[Operator]:
    return operators.unreached(session(), since=this_mailer().clock() - _RECENT)


@dataclass(frozen=True, slots=True)
class _Theme:
    theme: str = ""


@blueprint.post("/theme")
@public
@visits("60/minute")
def choose_theme() -> ResponseReturnValue:
    """Light, dark, or whatever the system says; kept in a cookie, so that it shows at once."""
    form, _ = forms.read(_Theme)
    here = url_for("home.show") if current_user.is_authenticated else url_for("security.login")
    response = redirect(here)
    if form.theme in THEMES:
        response.set_cookie(
            "theme", form.theme, max_age=365 * 24 * 3600, samesite="Lax", httponly=True
        )
    else:
        response.delete_cookie("theme")
    return response
