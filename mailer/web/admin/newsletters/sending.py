"""Approving, choosing a time, sending, and watching it go."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.models import Category
from mailer.campaigns import approval as approving
from mailer.campaigns import deciding, in_doubt, launching, sending, timing
from mailer.campaigns.checks.finding import FindingState
from mailer.campaigns.checks.running import summary
from mailer.campaigns.drafts import comments
from mailer.campaigns.verbs import Verb
from mailer.clock import exists, instant_of
from mailer.domains import standing
from mailer.domains.routes import gate_of
from mailer.errors import MailerError, NotAllowed
from mailer.models import Campaign, CampaignStatus, InDoubt, Power
from mailer.network import days_off
from mailer.reports import progress as how_far
from mailer.reports.accounting import account
from mailer.settings.environment import Gate
from mailer.web import forms
from mailer.web.admin.newsletters.composer.checking import findings_of
from mailer.web.admin.newsletters.decision import (
    PendingDecision,
    blocks_of,
    changes_of,
    decision_of,
    others_who_approve,
    press_words,
    rows_of,
)
from mailer.web.admin.newsletters.finding import audience_of, issue_of, link
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.admin.words import BOUNCES, REASONS, STATUSES
from mailer.web.network import local, zone
from mailer.web.policy import acting, policy
from mailer.web.shell import in_words
from mailer.web.transactions import commit_early, session, this_mailer

blueprint = Blueprint("sending", __name__, url_prefix="/issues/<newsletter>/<slug>")


@dataclass(frozen=True, slots=True)
class _Seen:
    version: int | None = None  # what was on the page
    revision: int | None = None
    sends: bool = False  # what the button said
    approves: bool = False


@dataclass(frozen=True, slots=True)
class _Time:
    date: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    in_doubt: str = ""


@blueprint.get("/approval")
@policy(Power.VIEWER)
def approval(newsletter: str, slug: str) -> ResponseReturnValue:
    """What there is to approve: the issue as it reads, the numbers, and what changed."""
    issue = issue_of(newsletter, slug)
    audience = audience_of(issue)
    findings = findings_of(issue, audience)
    decision = decision_of(issue, audience)
    since, last = changes_of(issue)
    return render_template(
        "admin/newsletters/approval.html",
        issue=issue,
        standing=standing_of(issue, now=this_mailer().clock(), audience=audience),
        decision=decision,
        press=press_words(issue, decision, audience.will),
        since=since,
        since_rows=rows_of(since) if since else [],
        last=last,
        blocks=blocks_of(issue, since),
        said=comments.open_by_block(session(), issue.id).get("", []),
        others=others_who_approve(issue),
        audience=audience,
        reasons=REASONS,
        held_back=[each for each in findings if each.holds_back],
        fine=[each for each in findings if each.state is FindingState.FINE],
        checked=summary(findings),
        goes_out_at=timing.goes_out_at(issue),
    )


@blueprint.post("/submit")
@policy(Power.EDITOR)
def submit(newsletter: str, slug: str) -> ResponseReturnValue:
    """Ask for approval."""
    issue = issue_of(newsletter, slug)
    gate = gate_of(session(), this_mailer().settings)
    approving.submit(session(), issue.id, actor=acting(), gate=gate, now=this_mailer().clock())
    flash(f"Version {issue.version} is waiting for approval.", "success")
    return redirect(link("issues.show", issue))


@blueprint.post("/approve")
@policy(Power.APPROVER)
def approve(newsletter: str, slug: str) -> ResponseReturnValue:
    """Approve the version that was on the page; one that was held just now is sent by that."""
    issue_id, seen, actor = issue_of(newsletter, slug).id, forms.read(_Seen)[0], acting()
    commit_early()  # it may be sent, which asks DNS and has transactions of its own
    done = deciding.approve(
        this_mailer(),
        issue_id,
        version=seen.version or 0,
        revision=seen.revision,
        sends=seen.sends,
        actor=actor,
    )
    if done.warning:
        flash(done.warning, "warning")
    if done.sent:
        flash("You approved it, and it is being sent.", "success")
        return redirect(link("sending.progress", done.campaign))
    if done.campaign.in_part:
        flash(done.campaign.in_part, "success")
        return redirect(link("issues.show", done.campaign))
    held = done.campaign.status is CampaignStatus.HELD
    more = " It stays held: choose when it goes out." if held else ""
    flash(f"You approved version {seen.version or 0}.{more}", "success")
    return redirect(link("sending.confirm" if held else "issues.show", done.campaign))


@blueprint.get("/send")
@policy(Power.EDITOR)
def confirm(newsletter: str, slug: str) -> ResponseReturnValue:
    """The stop before sending: the sentence, the numbers, who won't and why."""
    return _confirm(issue_of(newsletter, slug))


@blueprint.post("/send")
@policy(Power.EDITOR)
def send(newsletter: str, slug: str) -> ResponseReturnValue:
    """Send it now. The audience is frozen by a worker, at once."""
    issue_id = issue_of(newsletter, slug).id
    seen, actor = forms.read(_Seen)[0], acting()
    commit_early()  # the launch asks DNS, and has transactions of its own
    launched = launching.launch(
        this_mailer(),
        issue_id,
        actor=actor,
        revision=seen.revision or 0,
        approves=seen.approves,
    )
    if launched.warning:
        flash(launched.warning, "warning")
    return redirect(link("sending.progress", launched.campaign))


@blueprint.post("/plan")
@policy(Power.EDITOR)
def plan(newsletter: str, slug: str) -> ResponseReturnValue:
    """Choose the day and time it goes out."""
    issue = issue_of(newsletter, slug)
    form, _ = forms.read(_Time)
    wall = f"{form.date}T{form.time}"
    try:
        moment = instant_of(wall, zone())
        if not exists(wall, zone()):
            raise NotAllowed(
                "Clocks go forward over that time, so it does not exist. Choose another."
            )
        gate, now = gate_of(session(), this_mailer().settings), this_mailer().clock()
        timing.plan(session(), issue.id, wall=wall, zone=zone(), actor=acting(), gate=gate, now=now)
    except MailerError as error:
        return _confirm(issue, form, [("date", str(error))]), 422
    beginning = "It goes out" if issue.approved else "Once approved, it goes out"
    flash(f"{beginning} on {in_words(moment)}.", "success")
    return redirect(link("issues.show", issue))


@blueprint.post("/unplan")
@policy(Power.EDITOR)
def unplan(newsletter: str, slug: str) -> ResponseReturnValue:
    """Take the time away."""
    issue = issue_of(newsletter, slug)
    timing.unplan(session(), issue.id, actor=acting(), now=this_mailer().clock())
    flash("It has no send time any more.", "success")
    return redirect(link("issues.show", issue))


@blueprint.post("/skip")
@policy(Power.EDITOR)
def skip(newsletter: str, slug: str) -> ResponseReturnValue:
    """Leave this one out."""
    issue = issue_of(newsletter, slug)
    timing.skip(session(), issue.id, actor=acting(), now=this_mailer().clock())
    flash(f"{issue.name} is skipped. The schedule goes on with the next.", "success")
    return redirect(link("issues.show", issue))


@blueprint.post("/put-back")
@policy(Power.EDITOR)
def put_back(newsletter: str, slug: str) -> ResponseReturnValue:
    """Make a draft again of an issue that was skipped."""
    issue = issue_of(newsletter, slug)
    timing.put_back(session(), issue.id, actor=acting(), now=this_mailer().clock())
    flash(f"{issue.name} is a draft again. It has no send time until you choose one.", "success")
    return redirect(link("issues.show", issue))


@blueprint.get("/progress")
@policy(Power.VIEWER)
def progress(newsletter: str, slug: str) -> ResponseReturnValue:
    """How far the sending has come; the page renews itself until it is done."""
    issue = issue_of(newsletter, slug)
    if issue.started_at is None:
        return redirect(link("issues.show", issue))
    found = account(session(), issue)
    now = this_mailer().clock()
    shown = how_far.progress(session(), issue, found, now=now)
    return render_template(
        "admin/newsletters/progress.html",
        issue=issue,
        standing=standing_of(issue, now=now, account=found),
        account=found,
        statuses=STATUSES,
        bounces=BOUNCES,
        done=found.carried - found.unresolved,
        progress=shown,
        minutes_left=shown.minutes_left(now),
        live=issue.finished_at is None,
    )


@blueprint.get("/stop")
@policy(Power.EDITOR)
def stopping(newsletter: str, slug: str) -> ResponseReturnValue:
    """The question before a sending is stopped for good."""
    issue = issue_of(newsletter, slug)
    Verb.STOP.check(issue.status)
    found = account(session(), issue)
    return render_template(
        "admin/confirm.html",
        title=f"Stop sending {issue.name}?",
        from_where=f"Sending of {issue.name}",
        back=link("sending.progress", issue),
        sentences=[
            f"{found.carried - found.unresolved:,} have gone and can’t be called back.",
            f"{found.unresolved:,} will not be sent.",
            "A sending that was stopped can’t go on. To send no more for now, pause it.",
        ],
        verb="Stop it for good",
        keep="Leave it as it is",
    )


@blueprint.post("/<any(pause, resume, stop):move>")
@policy(Power.EDITOR)
def steer(newsletter: str, slug: str, move: str) -> ResponseReturnValue:
    """Pause, resume or stop."""
    issue = issue_of(newsletter, slug)
    act = {"pause": sending.pause, "resume": sending.resume, "stop": sending.stop}[move]
    act(session(), issue.id, actor=acting(), now=this_mailer().clock())
    return redirect(link("sending.progress", issue))


@blueprint.get("/in-doubt")
@policy(Power.EDITOR)
def doubts_page(newsletter: str, slug: str) -> ResponseReturnValue:
    """The choice of what happens to copies in doubt."""
    return render_template("admin/newsletters/in_doubt.html", issue=issue_of(newsletter, slug))


@blueprint.post("/in-doubt")
@policy(Power.EDITOR)
def decide_doubts(newsletter: str, slug: str) -> ResponseReturnValue:
    """What happens to copies in doubt once all others have gone."""
    issue = issue_of(newsletter, slug)
    try:
        chosen = InDoubt(forms.read(_Rule)[0].in_doubt)
    except ValueError:
        raise NotAllowed("Choose what is to happen to copies in doubt.") from None
    in_doubt.decide(session(), issue.id, chosen, actor=acting(), now=this_mailer().clock())
    flash(
        "They are sent again once all others have gone."
        if chosen is InDoubt.SEND_AGAIN
        else "They are left for you to decide.",
        "success",
    )
    return redirect(link("sending.progress", issue))


def _confirm(
    issue: Campaign, form: _Time | None = None, problems: forms.Problems | None = None
) -> str:
    goes_out_at = timing.goes_out_at(issue)
    wall = local(goes_out_at).isoformat() if goes_out_at else ""
    form = form or _Time(wall[:10], wall[11:16] or "10:00")
    gate = gate_of(session(), this_mailer().settings)
    # What its sender lacks is said above them, in more words.
    audience, now = audience_of(issue), this_mailer().clock()
    decision = decision_of(issue, audience)
    findings = [each for each in findings_of(issue, audience) if each.code != "SND1"]
    return render_template(
        "admin/newsletters/send.html",
        issue=issue,
        standing=standing_of(issue, now=now, audience=audience),
        decision=decision,
        approves=_approves(issue, decision),
        offered=deciding.times_for(now, zone=zone(), calendar=days_off.calendar(session())),
        audience=audience,
        categories=session().scalars(select(Category).order_by(Category.position)).all(),
        reasons=REASONS,
        found=[each for each in findings if each.holds_back],
        checked=summary(findings),
        goes_out_at=goes_out_at,
        day=form.date,
        time=form.time,
        held=issue.status is CampaignStatus.HELD,
        problems=problems or [],
        failed=bool(problems),
        obstacle=_obstacle(issue, gate),
        refused=gate is Gate.ENFORCE,
    )


def _approves(issue: Campaign, decision: PendingDecision) -> bool:
    """Whether sending it now would approve it, which whoever looks may do."""
    late = issue.status is CampaignStatus.HELD and not decision.sends and issue.send_wall
    may_now = bool(decision.lapse) and not decision.refusal and not late
    return may_now and approving.completes(session(), issue, acting())


def _obstacle(issue: Campaign, gate: Gate) -> str | None:
    """What its sender's domain lacks. One never checked is checked first, if it has to be."""
    now = this_mailer().clock()
    domain = standing.domain_of(issue.newsletter.from_address)
    if gate is Gate.OPEN or (gate is Gate.ENFORCE and not standing.latest(session(), domain)):
        return None
    return approving.obstacle(session(), issue, now=now)
