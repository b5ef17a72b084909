"""Testing a relay: what it says of itself, and how far one mail gets."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from contacts.errors import BadAddress
from mailer.models import Power
from mailer.relays import probe_report, registry, testing
from mailer.relays.form import Problems
from mailer.relays.probe import Trial
from mailer.web import forms
from mailer.web.limits import visits
from mailer.web.policy import acting, policy
from mailer.web.transactions import commit_early, reading, session, this_mailer

blueprint = Blueprint("relay_tests", __name__, url_prefix="/settings/relays/<int:relay_id>/test")


@dataclass(frozen=True, slots=True)
class _Test:
    to: str = forms.text(longest=320)
    newsletter: str = ""


@blueprint.get("")
@policy(Power.ADMIN)
def show(relay_id: int) -> ResponseReturnValue:
    """What a test does, and to whom its mail goes."""
    return _page(relay_id, to=current_user.email)


@blueprint.post("")
@policy(Power.ADMIN)
@visits("20/minute")
@reading
def test(relay_id: int) -> ResponseReturnValue:
    """Talk to the relay now."""
    form, problems = forms.read(_Test)
    to, newsletter = form.to, form.newsletter
    if problems:
        return _page(relay_id, to=to, newsletter=newsletter, problems=problems), 422
    actor = acting()
    commit_early()
    try:
        trial = testing.try_out(this_mailer(), relay_id, to=to, newsletter=newsletter, actor=actor)
    except BadAddress as error:
        return _page(relay_id, to=to, newsletter=newsletter, problems=[("to", str(error))]), 422
    return _page(relay_id, to=to, newsletter=newsletter, trial=trial)


def _page(
    relay_id: int,
    *,
    to: str,
    newsletter: str = "",
    trial: Trial | None = None,
    problems: Problems | None = None,
) -> str:
    return render_template(
        "admin/settings/relay_test.html",
        relay=registry.find(session(), relay_id),
        to=to,
        newsletter=newsletter,
        senders=testing.senders(session()),
        trial=trial,
        report=probe_report,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
    )
