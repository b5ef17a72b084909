"""Privacy: where the notice is, and what this installation keeps for how long."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.accounts.sessions import LIFE
from mailer.accounts.sign_in_links import LINK_LIVES
from mailer.errors import FormError
from mailer.models import Power
from mailer.network import details, privacy_notice
from mailer.notices.declining import HOLDS
from mailer.receipts.tracking.classifying import SOURCES_KEPT
from mailer.web import forms
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("privacy", __name__, url_prefix="/settings/privacy")


@dataclass(frozen=True, slots=True)
class _Notice:
    privacy_notice_url: str = ""


@blueprint.get("")
@policy(Power.ADMIN)
def show() -> ResponseReturnValue:
    """The address of the notice, and what is kept."""
    kept = details.find(session())
    return _page(kept.privacy_notice_url if kept else "")


@blueprint.post("")
@policy(Power.ADMIN)
def save() -> ResponseReturnValue:
    """Keep the address of the notice."""
    form, problems = forms.read(_Notice)
    url = form.privacy_notice_url
    try:
        forms.refuse(problems)
        privacy_notice.set_privacy_notice(session(), url, actor=acting(), now=this_mailer().clock())
    except FormError as error:
        return _page(url, error.problems), 422
    flash("Saved. Every page that subscribers see has the link.", "success")
    return redirect(url_for("privacy.show"))


def _page(url: str, problems: forms.Problems | None = None) -> str:
    return render_template(
        "admin/settings/privacy.html",
        url=url,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        sessions=LIFE,
        links=LINK_LIVES,
        declining=HOLDS,
        sources=SOURCES_KEPT,
    )
