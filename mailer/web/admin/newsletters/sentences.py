"""Where an issue stands, in one true sentence for the top of its pages."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from mailer.audience.counting import AudienceCount
from mailer.campaigns import binning, timing
from mailer.campaigns.approved import approver_of, lapse_of, moved
from mailer.models import Campaign, CampaignStatus, DeliveryStatus
from mailer.reports.accounting import Account
from mailer.web.admin.newsletters.finding import link
from mailer.web.admin.newsletters.tasks import Task
from mailer.web.network import local
from mailer.web.shell import day, when

S = CampaignStatus


def sentence_of(
    issue: Campaign,
    *,
    now: datetime,
    tasks: Sequence[Task],
    account: Account | None,
    audience: AudienceCount | None,
) -> Markup:
    """The sentence. Without ``tasks``, ``account`` and ``audience`` it has no numbers."""
    match issue.status:
        case S.SKIPPED | S.BINNED | S.TEMPLATE:
            return _aside(issue)
        case S.SENDING | S.PAUSED:
            return _sending(issue, account)
        case S.STOPPED | S.SENT | S.SETTLED:
            return _over(issue, now, account)
        case S.HELD:
            return _held(issue)
    lapsed = lapse_of(issue, audience)
    if lapsed is None:
        return _approved(issue, now, audience)
    return _draft(issue, now, tasks) if issue.status is S.DRAFT else _waiting(issue, lapsed)


def relative_day(moment: datetime, now: datetime) -> str:
    """ "today", "yesterday", "in 9 days"; the date of what is longer ago."""
    there = local(moment)
    days = (there.date() - local(now).date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    return near or (f"in {days} days" if days > 0 else f"on {day(there)}")


def _aside(issue: Campaign) -> Markup:
    if issue.status is S.TEMPLATE:
        return Markup("Issues begin with it. It never goes out itself.")
    at = binning.removed_at(issue)
    if at is None:
        return Markup("It was left out and does not go out.")
    return Markup("It is in the bin, and is removed for good on {}.").format(day(local(at)))


def _planned(issue: Campaign) -> tuple[datetime | None, Markup]:
    at = timing.goes_out_at(issue)
    return at, Markup("<strong>{}</strong>").format(when(at))


def _held(issue: Campaign) -> Markup:
    if issue.approved:
        return Markup(
            "<strong>Not sent.</strong> {} Version {} is approved and needs a new time."
        ).format(issue.trouble or "", issue.version)
    needs = f"Version {issue.version} needs approving"
    more = "" if needs in (issue.trouble or "") else f"{needs}."
    return Markup("<strong>Not sent.</strong> {} {}").format(issue.trouble or "", more)


def _approved(issue: Campaign, now: datetime, audience: AudienceCount | None) -> Markup:
    at, goes_out = _planned(issue)
    how_far = moved(issue.approval, audience) if audience else None
    told = how_far.sentence if how_far else ""
    by = f"Version {issue.version} was approved by {approver_of(issue)}."
    if at is None:
        return Markup("{} It goes out when somebody sends it. {}").format(by, told)
    return Markup("Goes out by itself on {}, {}. {} {}").format(
        goes_out, relative_day(at, now), by, told
    )


def _draft(issue: Campaign, now: datetime, tasks: Sequence[Task]) -> Markup:
    at, goes_out = _planned(issue)
    done = sum(task.done for task in tasks)
    parts = f"{done} of {len(tasks)} parts are done." if tasks else ""
    if at is None:
        return Markup("No time is chosen for it yet. {}").format(parts)
    return Markup("Goes out {}, {}, once version {} is approved. {}").format(
        goes_out, relative_day(at, now), issue.version, parts
    )


def _waiting(issue: Campaign, lapsed: str) -> Markup:
    at, goes_out = _planned(issue)
    if at is None:
        return Markup("{} No time is chosen for it yet.").format(lapsed)
    return Markup("{} It will be held on {}.").format(lapsed, goes_out)


def _sending(issue: Campaign, account: Account | None) -> Markup:
    trouble = issue.trouble or ""
    if account is None:
        return Markup("Began {}. {}").format(when(issue.started_at), trouble)
    if issue.frozen_at is None:
        return Markup("Preparing: everybody of the audience is being written down. {}").format(
            trouble
        )
    paused = "No more is sent until somebody lets it go on. " if issue.status is S.PAUSED else ""
    return Markup("{}<strong>{:,} of {:,}</strong> have an outcome. {}").format(
        paused, account.carried - account.unresolved, account.carried, trouble
    )


def _over(issue: Campaign, now: datetime, account: Account | None) -> Markup:
    began, ended = issue.started_at, issue.finished_at
    on = relative_day(began, now) if began else ""
    took = f", in {_span(began, ended)}" if began and ended else ""
    if account is None:
        return Markup("Went out {}{}.").format(on, took)
    accepted = account.deliveries.get(DeliveryStatus.ACCEPTED, 0)
    if issue.status is S.STOPPED:
        return Markup("Stopped: it had gone to <strong>{}</strong>, and not to {}.").format(
            _people(accepted), _people(account.deliveries.get(DeliveryStatus.STOPPED, 0))
        )
    of = "" if accepted == account.carried else f"{accepted:,} of "
    return Markup("Went to <strong>{}{}</strong> {}{}. {}").format(
        of, _people(account.carried), on, took, _not_reached(issue, account)
    )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _not_reached(issue: Campaign, account: Account) -> Markup:
    """Whom it did not reach, or may not have reached, with the way to them."""
    said = []
    for status, words in (
        (DeliveryStatus.REFUSED, "didn’t get it: see who"),
        (DeliveryStatus.UNCERTAIN, "may not have got it: decide"),
    ):
        if number := account.deliveries.get(status, 0):
            url = link("reports.people", issue, status=status.value)
            said.append(Markup('<a href="{}">{:,} {}</a>.').format(url, number, words))
    return Markup(" ").join(said)


def _span(began: datetime, ended: datetime) -> str:
    minutes = round((ended - began).total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{round(minutes / 60)} hours"
