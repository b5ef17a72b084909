"""The people behind an answer to a poll."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from mailer.errors import NotFound
from mailer.models import Power
from mailer.reports.polls import people, polls_of
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import policy
from mailer.web.transactions import session

blueprint = Blueprint("polls", __name__)
_PAGE = 100


@blueprint.get("/issues/<newsletter>/<slug>/report/poll/<block_id>/<int:number>")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str, block_id: str, number: int) -> ResponseReturnValue:
    """Who gave this answer."""
    issue, page = issue_of(newsletter, slug), forms.page()
    poll = next((each for each in polls_of(session(), issue) if each.id == block_id), None)
    words = dict(poll.choices).get(number) if poll else None
    if poll is None or words is None:
        raise NotFound("This issue has no such answer.")
    query = people(issue, poll.id, number)
    total = session().scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session().execute(query.offset((page - 1) * _PAGE).limit(_PAGE)).all()
    return render_template(
        "admin/reports/poll_people.html",
        issue=issue,
        poll=poll,
        words=words,
        rows=rows,
        page=page,
        per_page=_PAGE,
        total=total,
        url=lambda number_of_page: link(
            "polls.show", issue, block_id=block_id, number=number, page=number_of_page
        ),
    )
