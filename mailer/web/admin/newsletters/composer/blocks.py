"""What is done to one block: added, saved, moved, copied, removed. Script asks the same routes,
and saves are answered to it in JSON."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, redirect
from flask.typing import ResponseReturnValue

from mailer.authoring.blocks.base import Block
from mailer.authoring.listed_events import MOST_CHARACTERS
from mailer.authoring.page_story import story_at
from mailer.authoring.pictures.shaping import LARGEST
from mailer.campaigns.drafts import blocks
from mailer.errors import ChangedMeanwhile, DocumentError
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.composer.answers import conflict, refused, saved, wants_json
from mailer.web.admin.newsletters.composer.block_forms import form_of, values_of
from mailer.web.admin.newsletters.composer.page import Looking, categories_of, compose_page
from mailer.web.admin.newsletters.composer.sent_events import take_events
from mailer.web.admin.newsletters.composer.sent_pictures import keep_pictures, sent_pictures
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.front import bounds
from mailer.web.front.bounds import largest
from mailer.web.policy import acting, policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("blocks", __name__, url_prefix="/issues/<newsletter>/<slug>/compose")


@dataclass(frozen=True, slots=True)
class _Added:
    type: str = ""
    after: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Saved:
    revision: str = ""
    keep: str = ""
    take: str = ""
    lines: str = forms.text(named="events-lines", lines=True, longest=MOST_CHARACTERS)


@dataclass(frozen=True, slots=True)
class _Moved:
    to: str = ""


@blueprint.post("/add")
@policy(Power.CONTRIBUTOR)
@reading
def add(newsletter: str, slug: str) -> ResponseReturnValue:
    """A new block, open at once; of a web address, a story about the page that is there."""
    form = forms.read(_Added)[0]
    issue_of(newsletter, slug)
    words = {} if form.type else story_at(form.address.strip(), fetch=_fetched)
    write_from_now_on()
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    made = blocks.add_block(
        session(),
        issue.id,
        form.type or "story",
        after=form.after,
        words=words,
        actor=acting(),
        now=now,
    )
    return redirect(_opened(issue, made.id))


@blueprint.post("/<block_id>")
@policy(Power.CONTRIBUTOR)
@largest(LARGEST + bounds.FORM)
@reading
def save(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Keep a block. What cannot be kept stays in the form, with the reason beside it."""
    issue = issue_of(newsletter, slug)
    block = blocks.block_of(issue, block_id)
    form, _ = forms.read(_Saved)
    values = values_of(block, forms.posted(), categories_of())
    sent, problems = sent_pictures(values)
    left = take_events(values, form.lines) if form.take == "events" else ()
    write_from_now_on()
    issue = issue_of(newsletter, slug)
    pictures = keep_pictures(sent, values)
    if problems:
        return _refused(issue, block, values, form.revision, problems)
    try:
        answer = _kept(issue, block_id, values, form, pictures=pictures)
        if form.take:
            return compose_page(issue, Looking(open=block_id, seen_as=""), left=left)
        return answer
    except DocumentError as error:
        said = [(each.field, each.message) for each in error.problems]
        return _refused(issue, block, values, form.revision, said)
    except ChangedMeanwhile as changed:
        return conflict(issue, changed, values, link("blocks.save", issue, block_id=block_id))


@blueprint.post("/<block_id>/move")
@policy(Power.CONTRIBUTOR)
def move(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Up, down, or below another block."""
    issue, to = issue_of(newsletter, slug), forms.read(_Moved)[0].to
    now = this_mailer().clock()
    blocks.move_block(session(), issue.id, block_id, to=to, actor=acting(), now=now)
    return redirect(link("composing.show", issue) + f"#b-{block_id}")


@blueprint.post("/<block_id>/copy")
@policy(Power.CONTRIBUTOR)
def copy(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """The same words again, below."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    made = blocks.copy_block(session(), issue.id, block_id, actor=acting(), now=now)
    return redirect(_opened(issue, made.id))


@blueprint.post("/<block_id>/remove")
@policy(Power.CONTRIBUTOR)
def remove(newsletter: str, slug: str, block_id: str) -> ResponseReturnValue:
    """Without this block. Undo brings it back."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    name = blocks.remove_block(session(), issue.id, block_id, actor=acting(), now=now)
    flash(f"{name} removed.", "undo")
    return redirect(link("composing.show", issue) + "#blocks")


def _kept(
    issue: Campaign,
    block_id: str,
    values: dict[str, Any],
    form: _Saved,
    *,
    pictures: dict[str, str],
) -> ResponseReturnValue:
    """Keep the values as the person chose where there are two texts, and answer."""
    now, actor = this_mailer().clock(), acting()
    if form.keep == "theirs":
        blocks.set_aside(session(), issue.id, block_id, values, actor=actor, now=now)
        return redirect(_opened(issue, block_id))
    if form.keep == "both":
        made = blocks.add_words_below(session(), issue.id, block_id, values, actor=actor, now=now)
        return redirect(_opened(issue, made.id))
    block = blocks.edit_block(
        session(), issue.id, block_id, values, expected=form.revision, actor=actor, now=now
    )
    if wants_json():
        name = getattr(block, block.named_by) if block.named_by else ""
        answer = saved(issue, blocks.revision(block), str(name), now)
        return jsonify({**answer, "pictures": pictures})
    flash("Saved.", "success")
    return redirect(link("composing.show", issue) + f"#b-{block_id}")


def _refused(
    issue: Campaign,
    block: Block,
    values: dict[str, Any],
    revision: str,
    problems: forms.Problems,
) -> ResponseReturnValue:
    """What was typed again, with the reason; to script the sentences alone."""
    if wants_json():
        return refused(problems)
    shown = {**asdict(block), **values}
    form = form_of(block, shown, categories_of(), revision_seen=revision, problems=problems)
    return compose_page(issue, Looking(open=block.id, seen_as=""), form=form), 422


def _fetched(address: str) -> tuple[int, str, bytes]:
    """The page at an address, by the one way out."""
    answer = this_mailer().fetcher.fetch(address)
    return answer.status, answer.headers.get("content-type", ""), answer.body


def _opened(issue: Campaign, block_id: str) -> str:
    return link("composing.show", issue, open=block_id) + f"#b-{block_id}"
