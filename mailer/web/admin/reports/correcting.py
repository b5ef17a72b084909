"""Correcting the page of a sent issue in the archive, one block at a time."""

from dataclasses import asdict, dataclass

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.checks import where
from mailer.campaigns import editing
from mailer.campaigns.archive import correcting_mail, corrections
from mailer.errors import DocumentError, FormError, NotFound
from mailer.models import Campaign, Correction, DeliveryStatus, Power
from mailer.reports.accounting import account
from mailer.web import forms
from mailer.web.admin.newsletters.composer.block_forms import BlockForm, form_of, values_of
from mailer.web.admin.newsletters.composer.page import categories_of
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("correcting", __name__, url_prefix="/issues/<newsletter>/<slug>/correct")


@dataclass(frozen=True, slots=True)
class _Asked:
    block: str = ""


@dataclass(frozen=True, slots=True)
class _Note:
    note: str = ""


@blueprint.get("")
@policy(Power.EDITOR)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The blocks of the page, and the form of the one that is chosen."""
    issue = _sent(newsletter, slug)
    wanted = forms.asked(_Asked).block
    block = next((each for each in _blocks(issue) if each.id == wanted), None)
    return _page(issue, form_of(block, documents.block_json(block), []) if block else None)


@blueprint.post("/mail/new")
@policy(Power.EDITOR)
def by_mail(newsletter: str, slug: str) -> ResponseReturnValue:
    """Begin an email to whoever got the issue."""
    issue, now = _sent(newsletter, slug), this_mailer().clock()
    made = correcting_mail.make(session(), issue.id, actor=acting(), now=now)
    flash(f"{made.name} is a draft now, for the people who got {issue.name}.", "success")
    return redirect(link("composing.show", editing.find(session(), made.id)))


@blueprint.post("/<block_id>")
@policy(Power.EDITOR)
def save(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Keep the correction, or show what is in the way of it."""
    issue = _sent(newsletter, slug)
    block = next((each for each in _blocks(issue) if each.id == block_id), None)
    if block is None:
        raise NotFound("That block is not on the page of the archive.")
    note, problems = forms.read(_Note)
    # Its other fields are not on this page, and a tick that is not there says no.
    hidden = {each.name for each in BLOCK_TYPES[block.type].fields if each.shared}
    typed = values_of(block, forms.posted(), categories_of())
    values = {name: value for name, value in typed.items() if name not in hidden}
    try:
        forms.refuse(problems)
        corrections.correct(
            session(),
            issue.id,
            block_id,
            values,
            note=note.note,
            actor=acting(),
            now=this_mailer().clock(),
        )
    except FormError as error:
        problems = error.problems
    except DocumentError as error:
        problems = [(each.field, each.message) for each in error.problems]
    if problems:
        form = form_of(block, {**asdict(block), **values}, [], problems=problems)
        return _page(issue, form, note.note), 422
    flash("Corrected. The page of the archive says so; the email stays as it was.", "success")
    return redirect(link("correcting.show", issue))


def _sent(newsletter: str, slug: str) -> Campaign:
    issue = issue_of(newsletter, slug)
    if issue.sent_version is None:
        raise NotFound("This issue has not been sent, so there is nothing to correct: edit it.")
    return issue


def _blocks(issue: Campaign) -> list[Block]:
    return corrections.corrigible(corrections.page_says(session(), issue))


def _page(issue: Campaign, form: BlockForm | None, note: str = "") -> str:
    made = select(Correction).where(Correction.campaign_id == issue.id).order_by(Correction.id)
    return render_template(
        "admin/reports/correct.html",
        issue=issue,
        blocks_of_page=[(each, where(each, place)) for place, each in enumerate(_blocks(issue), 1)],
        form=form,
        note=note,
        made=session().scalars(made).all(),
        got_it=account(session(), issue).deliveries.get(DeliveryStatus.ACCEPTED, 0),
        errors=dict(form.problems) if form else {},
        failed=bool(form and form.problems),
    )
