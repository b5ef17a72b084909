"""What whoever is signed in was told, each leading to its page; marked as read by a press."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from mailer.models import NewsKind, Power
from mailer.notices import notifications
from mailer.web import forms
from mailer.web.policy import policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications")
_MOST: Final = 100
DRAWINGS: Final = {
    NewsKind.APPROVE: "clock",
    NewsKind.HELD: "pause",
    NewsKind.SENT_BACK: "pencil",
    NewsKind.DRAFT: "pencil",
    NewsKind.STORIES: "note",
    NewsKind.SUBMIT: "calendar",
    NewsKind.CHANGED: "warn",
    NewsKind.SOON: "send",
    NewsKind.SENT: "done",
}


@dataclass(frozen=True, slots=True)
class _Which:
    which: int | None = None


@blueprint.get("")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Everything of late, what is unread first."""
    found = notifications.listing(session(), current_user.id, most=_MOST)
    return render_template(
        "admin/notifications.html",
        fresh=[each for each in found if each.read_at is None],
        seen=[each for each in found if each.read_at is not None],
        drawings=DRAWINGS,
    )


@blueprint.post("/read")
@policy(Power.VIEWER)
def mark_read() -> ResponseReturnValue:
    """Mark one as read, or all."""
    form = forms.read(_Which)[0]
    now = this_mailer().clock()
    notifications.mark_read(session(), current_user.id, notification_id=form.which, now=now)
    flash("Marked as read.", "success")
    return redirect(url_for("notifications.show_all"))
