"""Requests for stories: whom was asked, who answered, who is asked once more."""

from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.accounts import operators
from mailer.gathering.stories import asking, chasing, links, listing
from mailer.gathering.stories.listing import AskState, ListedAsk
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.newsletters.standing import IssueTag
from mailer.web.network import local_now
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("story_requests", __name__, url_prefix="/library/requests")
_PAGE: Final = 20
A = AskState
TAGS: Final = {
    A.NOT_SENT: IssueTag("Not sent", "bad", "x"),
    A.CAME_BACK: IssueTag("Came back", "bad", "warn"),
    A.ASKED: IssueTag("Asked", "wait", "clock"),
    A.LATE: IssueTag("Late", "bad", "clock"),
    A.ANSWERED: IssueTag("Answered", "good", "check"),
    A.DECLINED: IssueTag("Nothing this time", "", "done"),
}


@blueprint.get("")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every request, the newest first, with who has answered."""
    today, page = local_now().date(), forms.page()
    rows, total = listing.requests(session(), today=today, page=page, per_page=_PAGE)
    edits = may(Power.EDITOR)
    return render_template(
        "admin/library/requests.html",
        rows=rows,
        states=list(TAGS),
        tags=TAGS,
        today=today,
        total=total,
        page=page,
        per_page=_PAGE,
        page_url=lambda number: url_for("story_requests.show_all", page=number),
        edits=edits,
        who_can=[] if edits else operators.who_may(session(), Power.EDITOR),
    )


@blueprint.get("/<int:request_id>")
@policy(Power.VIEWER)
def show(request_id: int) -> ResponseReturnValue:
    """One request: what it said, and everybody whom it went to or did not."""
    request, today = asking.find(session(), request_id), local_now().date()
    asks = listing.asks_of(session(), [request.id], today=today)
    edits = may(Power.EDITOR)
    return render_template(
        "admin/library/request.html",
        of=listing.one(session(), request, today=today),
        asks=asks,
        tags=TAGS,
        states=list(TAGS),
        paragraphs=[each for each in request.words.split("\n\n") if each.strip()],
        ends_on=links.ends_on(request),
        chasable=_chasable(asks) if edits else set(),
        edits=edits,
        who_can=[] if edits else operators.who_may(session(), Power.EDITOR),
    )


@blueprint.post("/<int:request_id>/chase")
@policy(Power.EDITOR)
def chase_all(request_id: int) -> ResponseReturnValue:
    """Ask everybody once more who has not answered."""
    here = this_mailer()
    asked, left = chasing.chase_all(
        session(),
        asking.find(session(), request_id).id,
        site=here.settings.site,
        tokens=here.tokens,
        actor=acting(),
        now=here.clock(),
    )
    said = f"{asked} {'is' if asked == 1 else 'are'} asked once more."
    if left:
        said += f" {left} can’t be, or were within the last day."
    flash(said, "success" if asked else "warning")
    return redirect(url_for("story_requests.show", request_id=request_id))


@blueprint.post("/asked/<int:ask_id>/chase")
@policy(Power.EDITOR)
def chase(ask_id: int) -> ResponseReturnValue:
    """Ask one person once more."""
    here = this_mailer()
    asked = chasing.chase(
        session(),
        ask_id,
        site=here.settings.site,
        tokens=here.tokens,
        actor=acting(),
        now=here.clock(),
    )
    flash(f"{asked.contact.name or asked.contact.email} is asked once more.", "success")
    return redirect(url_for("story_requests.show", request_id=asked.request_id))


def _chasable(asks: list[ListedAsk]) -> set[int]:
    """Whom a press can ask once more, as far as their rows say."""
    now = this_mailer().clock()
    return {
        each.ask.id
        for each in asks
        if each.state not in {A.ANSWERED, A.DECLINED}
        and not chasing.why_not_again(session(), each.ask, now=now)
    }
