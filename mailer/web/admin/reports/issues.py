"""Reports: every person accounted for, and what was heard of them."""

from dataclasses import asdict, dataclass

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from mailer.campaigns import in_doubt
from mailer.errors import FormError, NotFound
from mailer.models import (
    Campaign,
    CampaignStatus,
    DeliveryStatus,
    Link,
    Power,
)
from mailer.receipts.relay_logs.settling import accepted_in, settle_by_log
from mailer.reports import accounting, hearing
from mailer.reports.clicking import Span
from mailer.reports.engagement import of_links
from mailer.reports.hearing import Heard
from mailer.reports.kept import Numbers
from mailer.reports.polls import results_of
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.admin.reports.clicks import SPANS, by_hour
from mailer.web.admin.reports.on_the_mail import SeenBy, category_of
from mailer.web.admin.words import GROUNDS, HEARD, REASONS, STATUSES
from mailer.web.network import zone
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("reports", __name__)
_PAGE = 100
_AUTOMATIC = {Heard.OPENED_AUTOMATICALLY, Heard.CLICKED_AUTOMATICALLY}


@dataclass(frozen=True, slots=True)
class _Asked:
    status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Only:
    link: int | None = forms.number(least=1, most=99_999)
    category: str = ""  # its slug, or "none"


@dataclass(frozen=True, slots=True)
class _Span:
    hours: int | None = forms.number(most=Span.WEEK)


@dataclass(frozen=True, slots=True)
class _Evidence:
    log: str = forms.text(longest=4_000_000, lines=True)


@blueprint.get("/reports")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The reports there are."""
    over = (CampaignStatus.SENT, CampaignStatus.SETTLED, CampaignStatus.STOPPED)
    issues = (
        session()
        .scalars(
            select(Campaign)
            .options(joinedload(Campaign.newsletter))
            .where(Campaign.status.in_(over))
            .order_by(Campaign.finished_at.desc())
            .limit(60)
        )
        .all()
    )
    now = this_mailer().clock()
    numbers = Numbers(session(), now)
    rows = [
        (
            issue,
            numbers.account(issue),
            numbers.engagement(issue),
            standing_of(issue, now=now),
        )
        for issue in issues[:12]
    ]
    return render_template(
        "admin/reports/reports.html",
        rows=rows,
        older=issues[12:],
        counted_at=numbers.counted_at,
    )


@blueprint.get("/issues/<newsletter>/<slug>/report")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """One issue's report."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    numbers = Numbers(session(), now)
    counted, heard = numbers.account(issue), numbers.engagement(issue)
    seen_by = forms.asked(SeenBy).category
    span = Span.WEEK if forms.asked(_Span).hours == Span.WEEK else Span.TWO_DAYS
    category, called = category_of(seen_by)
    clicked = heard.links if category is None else of_links(session(), issue.id, category=category)
    return render_template(
        "admin/reports/report.html",
        issue=issue,
        now=now,
        standing=standing_of(issue, now=now, account=counted),
        account=counted,
        clicks=by_hour(numbers.hours(issue, span), width=830, zone=zone()),
        span=span,
        spans={each: words for each, words in SPANS.items() if each is not Span.DAY},
        by_category=numbers.by_category(issue),
        counted_at=numbers.counted_at,
        heard=heard,
        seen_by=seen_by,
        called=called,
        any_clicked=any(each.people for each in clicked),
        polls=results_of(session(), issue),
        reasons=REASONS,
        statuses=STATUSES,
        grounds=GROUNDS,
    )


@blueprint.get("/issues/<newsletter>/<slug>/report/people")
@policy(Power.VIEWER)
def people(newsletter: str, slug: str) -> ResponseReturnValue:
    """The people behind one number."""
    issue = issue_of(newsletter, slug)
    page = forms.page()
    asked = forms.asked(_Asked)
    try:
        status = DeliveryStatus(asked.status or "accepted")
    except ValueError:
        raise NotFound("There is no such state of a delivery.") from None
    reason = asked.reason or None
    query = accounting.people(issue.id, status=status, reason=reason)
    total = session().scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session().execute(query.offset((page - 1) * _PAGE).limit(_PAGE)).all()
    sentence = REASONS.get(reason or "", reason) if reason else STATUSES.get(status, status.value)
    return render_template(
        "admin/reports/report_people.html",
        issue=issue,
        rows=rows,
        words=sentence,
        in_doubt=status is DeliveryStatus.UNCERTAIN and total and may(Power.EDITOR),
        page=page,
        per_page=_PAGE,
        total=total,
        url=lambda number: link("reports.people", issue, **_same_filter(), page=number),
    )


@blueprint.post("/issues/<newsletter>/<slug>/report/in-doubt")
@policy(Power.EDITOR)
def send_again(newsletter: str, slug: str) -> ResponseReturnValue:
    """Another copy for everybody in doubt."""
    issue = issue_of(newsletter, slug)
    number = in_doubt.send_again(session(), issue.id, actor=acting(), now=this_mailer().clock())
    flash(f"{number:,} will be sent again.", "success")
    return redirect(link("sending.progress", issue))


@blueprint.post("/issues/<newsletter>/<slug>/report/evidence")
@policy(Power.EDITOR)
@reading
def evidence(newsletter: str, slug: str) -> ResponseReturnValue:
    """Lines of the mail server's log, to settle doubts by."""
    issue = issue_of(newsletter, slug)
    here, (form, problems) = this_mailer(), forms.read(_Evidence)
    if problems:
        raise FormError(problems)
    accepted, actor = accepted_in(form.log.splitlines(), tokens=here.tokens), acting()
    write_from_now_on()
    settled = settle_by_log(session(), issue.id, accepted, actor=actor, now=here.clock())
    sentence = f"{settled:,} had been taken by the mail server and are in doubt no more."
    flash(sentence if settled else "Nobody in doubt is proved by these lines.", "success")
    return redirect(link("reports.people", issue, status=DeliveryStatus.UNCERTAIN.value))


@blueprint.get("/issues/<newsletter>/<slug>/report/heard/<what>")
@policy(Power.VIEWER)
def heard_of(newsletter: str, slug: str, what: str) -> ResponseReturnValue:
    """The people behind a number of what was heard, of one link or category if one is named."""
    issue = issue_of(newsletter, slug)
    try:
        heard = Heard(what)
    except ValueError:
        raise NotFound("There is no such number in a report.") from None
    page, only = forms.page(), forms.asked(_Only)
    category, called = category_of(only.category)
    query = hearing.people(issue.id, heard, link=only.link, category=category)
    total = session().scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session().execute(query.offset((page - 1) * _PAGE).limit(_PAGE)).all()
    return render_template(
        "admin/reports/report_heard.html",
        issue=issue,
        rows=rows,
        words=HEARD[heard],
        link=_link(issue, only.link) if only.link else None,
        category=called,
        is_automatic=heard in _AUTOMATIC,
        grounds=GROUNDS,
        page=page,
        per_page=_PAGE,
        total=total,
        url=lambda number: link(
            "reports.heard_of",
            issue,
            what=what,
            link=only.link,
            category=only.category or None,
            page=number,
        ),
    )


def _link(issue: Campaign, number: int) -> Link:
    found = session().scalar(
        select(Link).where(Link.campaign_id == issue.id, Link.number == number)
    )
    if found is None:
        raise NotFound("This issue has no such link.")
    return found


def _same_filter() -> dict[str, str]:
    return {name: value for name, value in asdict(forms.asked(_Asked)).items() if value}
