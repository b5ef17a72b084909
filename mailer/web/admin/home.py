"""Home: this month's issue and the one next step, what waits, the last issue and the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from contacts.models import Category
from mailer.campaigns import editing, schedules
from mailer.campaigns.assembly.overview import overview
from mailer.models import EDITABLE, Campaign, CampaignStatus, DeliveryStatus, Power, Schedule
from mailer.reports.kept import Numbers
from mailer.web import forms
from mailer.web.admin import start
from mailer.web.admin.library.ready import ready
from mailer.web.admin.newsletters.composer.checking import findings_of
from mailer.web.admin.newsletters.finding import audience_of
from mailer.web.admin.newsletters.month import month_of
from mailer.web.admin.newsletters.owners import people_of
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.admin.newsletters.tasks import tasks_of
from mailer.web.admin.reports.clicks import by_hour
from mailer.web.admin.since import mark_read, since
from mailer.web.admin.waiting import waiting
from mailer.web.admin.words import REASONS
from mailer.web.charts import Chart, columns
from mailer.web.limits import visits
from mailer.web.network import local, zone
from mailer.web.policy import may, policy, public
from mailer.web.shell import THEMES, day
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("home", __name__)
_LIVE = (*EDITABLE, CampaignStatus.SENDING, CampaignStatus.PAUSED)
_OVER = (CampaignStatus.SENT, CampaignStatus.SETTLED, CampaignStatus.STOPPED)
_COMPARED: Final = 6  # issues of the chart
_MOST_LIVE: Final = 10
_FRESH: Final = timedelta(days=2)


@blueprint.get("/")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """This month's issue: the one to come, or the one that went last; or the start list."""
    if steps := start.steps():
        return render_template(
            "admin/home_start.html",
            steps=steps,
            sender=start.sender_domain(),
            admins=[] if may(Power.ADMIN) else start.admins(),
            waiting=waiting(),
        )
    live = list(
        session().scalars(
            _issues()
            .where(Campaign.status.in_(_LIVE))
            .order_by(Campaign.send_wall.is_(None), Campaign.send_wall, Campaign.id)
            .limit(_MOST_LIVE)
        )
    )
    last = session().scalar(_gone().limit(1))
    issue = _shown(live, last)
    others = [each for each in live if each is not issue]
    now, edits = this_mailer().clock(), may(Power.EDITOR)
    return render_template(
        "admin/home.html",
        issue=issue,
        **_about(issue),
        others=[(each, standing_of(each, now=now, edits=edits)) for each in others],
        since=since(),
        waiting=waiting(),
        ready=ready(issue if issue and issue.editable else next(iter(live), None)),
        last=_last(last) if last and last is not issue else None,
        coming=list(_coming()),
        categories=session().scalars(select(Category).order_by(Category.position)).all(),
        reasons=REASONS,
    )


def _shown(live: list[Campaign], last: Campaign | None) -> Campaign | None:
    """The issue that Home is about: for two days after a send what was sent, unless another one
    needs somebody."""
    first = next(iter(live), None)
    if first is None or last is None or last.finished_at is None:
        return first or last
    fresh = this_mailer().clock() - last.finished_at <= _FRESH
    return (
        last
        if fresh and first.status in {CampaignStatus.DRAFT, CampaignStatus.SCHEDULED}
        else first
    )


def _about(issue: Campaign | None) -> dict[str, object]:
    if issue is None:
        return {}
    now, edits = this_mailer().clock(), may(Power.EDITOR)
    audience = audience_of(issue) if issue.editable else None
    findings = findings_of(issue, audience)
    tasks = tasks_of(issue, audience, findings, edits=edits) if audience else []
    numbers = Numbers(session(), now)
    counted = None if issue.editable else numbers.account(issue)
    return {
        "standing": standing_of(
            issue,
            now=now,
            tasks=tasks,
            account=counted,
            audience=audience,
            edits=edits,
            approves=may(Power.APPROVER),
        ),
        "month": month_of(issue, now=now),
        "people": people_of(issue, may_change=False) if issue.editable else None,
        "tasks": tasks,
        "filled": overview(session(), issue) if issue.editable else None,
        "audience": audience,
        "account": counted,
        "heard": None if issue.editable else numbers.engagement(issue),
        "clicks": by_hour(numbers.hours(issue), width=830, zone=zone()),
        "counted_at": numbers.counted_at,
    }


@dataclass(frozen=True, slots=True)
class _Last:
    issue: Campaign
    accepted: int
    clicked: int
    chart: Chart | None
    title: str


def _last(issue: Campaign) -> _Last:
    """The last issue, beside those of the same newsletter before it."""
    before = session().scalars(
        _gone().where(Campaign.newsletter_id == issue.newsletter_id).limit(_COMPARED)
    )
    issues, counts = list(before)[::-1], Numbers(session(), this_mailer().clock())
    numbers = [(_month(each), counts.engagement(each).clicked) for each in issues]
    said = ", ".join(f"{words} {number:,}" for words, number in numbers)
    return _Last(
        issue,
        counts.account(issue).deliveries.get(DeliveryStatus.ACCEPTED, 0),
        counts.engagement(issue).clicked,
        columns(numbers, width=300, height=78, scale=False) if len(numbers) > 1 else None,
        f"People who clicked in the last {len(numbers)} issues: {said}",
    )


def _month(issue: Campaign) -> str:
    return f"{issue.started_at:%b}" if issue.started_at else ""


def _coming() -> Iterator[tuple[str, str, str, str]]:
    """The newsletters that come round: name, month, when its draft is made, when it goes out."""
    active = select(Schedule).where(Schedule.active).options(joinedload(Schedule.newsletter))
    for schedule in session().scalars(active.order_by(Schedule.id)):
        if found := schedules.next_draft(session(), schedule):
            draft, out = (local(each) for each in found)
            goes_out = f"{day(out)}, {out:%H:%M}"
            yield (
                schedule.newsletter.name,
                f"{out:%B %Y}",
                f"{draft:%a} {draft.day} {draft:%b}",
                goes_out,
            )


def _issues() -> Select[Campaign]:
    return select(Campaign).options(*editing.WITH_WHAT_IS_APPROVED)


def _gone() -> Select[Campaign]:
    return _issues().where(Campaign.status.in_(_OVER)).order_by(Campaign.finished_at.desc())


@blueprint.post("/since/read")
@policy(Power.VIEWER)
def read_since() -> ResponseReturnValue:
    """Have the line about the last visit go."""
    mark_read()
    return redirect(url_for("home.show"))


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
