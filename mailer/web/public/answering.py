"""The page behind an answer to a poll in a mail: the link chooses it, and a button sends it.

Mail filters follow every link, so looking changes nothing. The link is all that is asked for: the
browsers inside mail programs keep no cookie. A mail may be forwarded, so the page says by a masked
address whose answer it is, and not what was answered before.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from contacts.addresses import masked
from mailer.authoring.blocks.poll import Poll
from mailer.authoring.text.languages import direction
from mailer.errors import NotFound
from mailer.receipts.answering import answer, has_answered, poll_for
from mailer.reports.polls import results
from mailer.security.tokens import Purpose
from mailer.web import forms
from mailer.web.auth import csrf
from mailer.web.network import local, local_now
from mailer.web.policy import public
from mailer.web.public import reader
from mailer.web.public.reader import Reader
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("answering", __name__)
_PREVIEW = 0  # the delivery of a preview, which is nobody's


@dataclass(frozen=True, slots=True)
class _Answer:
    answer: int | None = forms.number(least=1, most=99)


@blueprint.get("/a/<token>/<block_id>/<int:number>")
@public
def offer(token: str, block_id: str, number: int) -> ResponseReturnValue:
    """The question, with the answer of the link chosen and one button."""
    delivery_id = reader.delivery_of(token, Purpose.ANSWER)
    if delivery_id == _PREVIEW:
        return render_template("public/poll_preview.html")
    who, poll = _asked(delivery_id, block_id)
    if number not in dict(poll.choices):
        reader.refuse()
    if poll.has_closed(local_now()):
        return _closed(who, poll)
    return _form(token, who, poll, chosen=number)


@blueprint.post("/a/<token>/<block_id>")
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF leaves it unannotated
@public
def send(token: str, block_id: str) -> ResponseReturnValue:
    """Keep the answer and say thanks."""
    delivery_id = reader.delivery_of(token, Purpose.ANSWER)
    if delivery_id == _PREVIEW:
        return render_template("public/poll_preview.html")
    who, poll = _asked(delivery_id, block_id)
    now, (form, _) = this_mailer().clock(), forms.read(_Answer)
    if poll.has_closed(local(now)):
        return _closed(who, poll), 410
    words = dict(poll.choices).get(form.answer or 0)
    if form.answer is None or words is None:
        return _form(token, who, poll, chosen=0, error="Choose an answer."), 422
    answer(session(), who.delivery, poll, form.answer, now=now)
    return render_template(
        "public/poll_answered.html",
        poll=poll,
        said=_said_in(poll),
        words=words,
        results=results(session(), who.delivery.campaign_id, poll) if poll.show_results else None,
        back=url_for("answering.offer", token=token, block_id=block_id, number=form.answer),
    )


def _asked(delivery_id: int | None, block_id: str) -> tuple[Reader, Poll]:
    """Who is asked, and what; or the page for a link that is none of ours."""
    who = None if delivery_id is None else reader.who_got(delivery_id)
    if who is None:
        reader.refuse()
    try:
        return who, poll_for(session(), who.delivery, block_id)
    except NotFound:
        reader.refuse()


def _form(token: str, who: Reader, poll: Poll, *, chosen: int, error: str = "") -> str:
    return render_template(
        "public/poll.html",
        poll=poll,
        said=_said_in(poll),
        newsletter=who.newsletter,
        address=masked(who.contact.address_key) if who.contact.address_key else "",
        chosen=chosen,
        action=url_for("answering.send", token=token, block_id=poll.id),
        again=has_answered(session(), who.delivery, poll),
        error=error,
        failed=bool(error),
    )


def _closed(who: Reader, poll: Poll) -> str:
    return render_template(
        "public/poll_closed.html",
        poll=poll,
        said=_said_in(poll),
        results=results(session(), who.delivery.campaign_id, poll) if poll.show_results else None,
    )


def _said_in(poll: Poll) -> dict[str, str]:
    """The attributes of what is in the language of the issue, on a page that is in English."""
    return {"lang": poll.language, "dir": direction(poll.language)} if poll.language else {}
