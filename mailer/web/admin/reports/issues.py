"""Reports: every person accounted for, and what was heard of them."""

from dataclasses import asdict, dataclass

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from contacts.models import Contact
from mailer.campaigns import in_doubt
from mailer.errors import FormError, NotFound
from mailer.models import (
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Power,
    Receipt,
    ReceiptKind,
    Verdict,
)
from mailer.receipts.relay_logs.settling import accepted_in, settle_by_log
from mailer.reports import accounting
from mailer.reports.accounting import account
from mailer.reports.engagement import engagement
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.admin.words import REASONS, STATUSES
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("reports", __name__)
_PAGE = 100


@dataclass(frozen=True, slots=True)
class _Asked:
    status: str = ""
    reason: str = ""


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
    rows = [
        (issue, account(session(), issue), engagement(session(), issue.id)) for issue in issues[:12]
    ]
    return render_template("admin/reports/reports.html", rows=rows, older=issues[12:])


@blueprint.get("/issues/<newsletter>/<slug>/report")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """One issue's report."""
    issue = issue_of(newsletter, slug)
    return render_template(
        "admin/reports/report.html",
        issue=issue,
        account=account(session(), issue),
        heard=engagement(session(), issue.id),
        reasons=REASONS,
        statuses=STATUSES,
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


@blueprint.get("/issues/<newsletter>/<slug>/report/clicks/<int:number>")
@policy(Power.VIEWER)
def clicks(newsletter: str, slug: str, number: int) -> ResponseReturnValue:
    """Who followed a link, of those who agreed to be counted."""
    issue = issue_of(newsletter, slug)
    rows = (
        session()
        .execute(
            select(Delivery, Contact.name, Contact.id.label("person_id"))
            .join(Receipt, Receipt.delivery_id == Delivery.id)
            .join(Contact, Contact.id == Delivery.contact_id)
            .where(
                Receipt.campaign_id == issue.id,
                Receipt.kind == ReceiptKind.CLICKED,
                Receipt.verdict == Verdict.PERSON,
                Receipt.link == number,
                Contact.tracking_allowed,
            )
            .distinct()
            .order_by(Contact.name)
            .limit(1000)
        )
        .all()
    )
    return render_template(
        "admin/reports/report_people.html",
        issue=issue,
        rows=rows,
        words=f"clicked link {number}",
        page=1,
        per_page=1000,
        total=len(rows),
        url=lambda _: "",
    )


def _same_filter() -> dict[str, str]:
    return {name: value for name, value in asdict(forms.asked(_Asked)).items() if value}
