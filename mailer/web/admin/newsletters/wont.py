"""Who will not receive an issue, and why: the people behind a number before it is sent."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from mailer.audience import listing, selecting
from mailer.errors import NotFound
from mailer.models import DeliveryStatus, Exclusion, Power
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.admin.words import REASONS
from mailer.web.policy import policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("wont", __name__, url_prefix="/issues/<newsletter>/<slug>/wont")
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _From:
    after: int | None = forms.number(most=_LARGEST)  # the last person of the page before


@blueprint.get("/<reason>")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str, reason: str) -> ResponseReturnValue:
    """The people left out for one reason; once it is being sent, those who were."""
    issue = issue_of(newsletter, slug)
    try:
        why = Exclusion(reason)
    except ValueError:
        raise NotFound("There is no such reason to leave somebody out.") from None
    if issue.started_at is not None:
        excluded = DeliveryStatus.EXCLUDED.value
        return redirect(link("reports.people", issue, status=excluded, reason=why.value))
    after = forms.asked(_From).after or 0
    audience = selecting.audience_of(session(), issue)
    now = this_mailer().clock()
    page = listing.left_out(session(), audience, why, now=now, after=after)
    return render_template(
        "admin/newsletters/wont.html",
        issue=issue,
        page=page,
        after=after,
        why=why,
        words=REASONS[why],
    )
