"""The checks of an issue: what to fix, what to look at, what was not checked, what is fine."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from mailer.audience.counting import AudienceCount
from mailer.campaigns.checks.accepting import accept
from mailer.campaigns.checks.finding import CheckFinding, FindingState
from mailer.campaigns.checks.measuring import measure
from mailer.campaigns.checks.running import fine, run, summary
from mailer.domains.routes import gate_of
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("checking", __name__, url_prefix="/issues/<newsletter>/<slug>/compose/checks")


@dataclass(frozen=True, slots=True)
class _Accepted:
    key: str = forms.text(longest=64)


@blueprint.get("")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """Everything the checks say of the issue as it is now."""
    issue = issue_of(newsletter, slug)
    findings, edits = findings_of(issue), may(Power.EDITOR) and issue.editable
    return render_template(
        "admin/newsletters/checks.html",
        issue=issue,
        standing=standing_of(issue, now=this_mailer().clock()),
        summary=summary(findings),
        to_fix=[(each, mended_at(issue, each)) for each in findings if each.holds_back],
        to_look=[
            (each, mended_at(issue, each))
            for each in findings
            if each.is_open and not each.holds_back
        ],
        unchecked=[each for each in findings if each.state is FindingState.UNCHECKED],
        accepted=[each for each in findings if each.state is FindingState.FINE],
        fine=fine(findings),
        edits=edits,
    )


@blueprint.post("")
@policy(Power.EDITOR)
def leave(newsletter: str, slug: str) -> ResponseReturnValue:
    """“It’s fine”: kept for this version, with the name of who says so."""
    issue = issue_of(newsletter, slug)
    gate = gate_of(session(), this_mailer().settings)
    key, now = forms.read(_Accepted)[0].key, this_mailer().clock()
    accept(session(), issue.id, key, actor=acting(), gate=gate, now=now)
    flash("Kept as fine, for this version.", "success")
    return redirect(link("checking.show", issue))


def findings_of(issue: Campaign, audience: AudienceCount | None = None) -> list[CheckFinding]:
    """What the checks say, with everything counted; nothing of an issue that has gone.

    ``audience`` is its audience where the page has counted it already.
    """
    if issue.started_at is not None:
        return []
    now, gate = this_mailer().clock(), gate_of(session(), this_mailer().settings)
    counts = measure(session(), issue, now=now, will=audience.will if audience else None)
    return run(session(), issue, gate=gate, now=now, counts=counts)


def findings_of_the_words(issue: Campaign) -> list[CheckFinding]:
    """The same where nobody has to be counted: quick, also for a large audience."""
    now, gate = this_mailer().clock(), gate_of(session(), this_mailer().settings)
    return run(session(), issue, gate=gate, now=now, counts=None)


def mended_at(issue: Campaign, finding: CheckFinding) -> str:
    """The page, and the field, where a finding is mended; "" where that is in Settings."""
    if finding.block:
        shown = link("composing.show", issue, open=finding.block)
        return f"{shown}#{finding.field}" if finding.field else shown
    if finding.field in {"subject", "preview_text"}:
        return f"{link('composing.show', issue, open='head')}#{finding.field}"
    if finding.field == "segment":
        return f"{link('about.show', issue)}#{finding.field}"
    if finding.field == "blocks":
        return link("composing.show", issue)
    return link("sending.confirm", issue) if finding.field == "send_wall" else ""
