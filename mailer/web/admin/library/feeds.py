"""Feeds: followed by their addresses, tried at once, paused, looked at now, removed."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.accounts import operators
from mailer.errors import FormError
from mailer.fetching.refusals import NotFetched
from mailer.gathering.feeds import entries, fetching, following, polling
from mailer.gathering.feeds.reading import UnreadableFeed
from mailer.models import FeedKind, Power
from mailer.web import forms
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import (
    commit_early,
    reading,
    session,
    this_mailer,
    write_from_now_on,
)

blueprint = Blueprint("feeds", __name__, url_prefix="/library/feeds")
_HOLDS = {FeedKind.POSTS: "Blog posts", FeedKind.EVENTS: "Events"}


@dataclass(frozen=True, slots=True)
class _Written:
    url: str = forms.text(longest=1_000)
    title: str = forms.text(longest=following.LONGEST_TITLE)
    public: bool = False


@blueprint.get("")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every feed, how the last look at it went, and a form for another."""
    return _page(_Written())


@blueprint.post("")
@policy(Power.EDITOR)
@reading
def add() -> ResponseReturnValue:
    """Follow a feed that can be read now."""
    form, problems = forms.read(_Written)
    if not problems and not form.url:
        problems = [("url", "Write the address of the feed.")]
    if problems:
        return _page(form, problems), 422
    here = this_mailer()
    commit_early()  # whoever is asked takes their time
    try:
        fetched = fetching.fetch(here, form.url)
        assert fetched is not None  # nothing was known of it, so it can’t be unchanged
    except (NotFetched, UnreadableFeed) as refusal:
        return _page(form, [("url", str(refusal))]), 422
    write_from_now_on()
    try:
        feed, taken = following.add(
            session(),
            form.url,
            fetched,
            title=form.title,
            is_public=form.public,
            actor=acting(),
            now=here.clock(),
        )
    except FormError as error:
        return _page(form, error.problems), 422
    what = "post" if feed.kind is FeedKind.POSTS else "event"
    many = "" if taken.new == 1 else "s"
    flash(f"“{feed.title}” is followed: {taken.new} {what}{many} came in.", "success")
    return redirect(url_for("feeds.show_all"))


@blueprint.post("/<int:feed_id>/look")
@policy(Power.EDITOR)
@reading
def look(feed_id: int) -> ResponseReturnValue:
    """Look at it now."""
    title = following.find(session(), feed_id).title
    commit_early()
    if trouble := polling.look(this_mailer(), feed_id, by_hand=True):
        flash(f"“{title}” could not be read. {trouble}", "warning")
    else:
        flash(f"“{title}” was looked at.", "success")
    return redirect(url_for("feeds.show_all"))


@blueprint.post("/<int:feed_id>/pause")
@policy(Power.EDITOR)
def pause(feed_id: int) -> ResponseReturnValue:
    """Look at it no more for now."""
    return _set_paused(feed_id, paused=True)


@blueprint.post("/<int:feed_id>/resume")
@policy(Power.EDITOR)
def resume(feed_id: int) -> ResponseReturnValue:
    """Look at it again."""
    return _set_paused(feed_id, paused=False)


@blueprint.post("/<int:feed_id>/remove")
@policy(Power.EDITOR)
def remove(feed_id: int) -> ResponseReturnValue:
    """Follow it no more."""
    gone = following.remove(session(), feed_id, actor=acting(), now=this_mailer().clock())
    flash(f"“{gone.title}” is followed no more. What came by it stays.", "success")
    return redirect(url_for("feeds.show_all"))


@blueprint.post("/items/<int:item_id>/take")
@policy(Power.EDITOR)
def take(item_id: int) -> ResponseReturnValue:
    """Let an item say what its source says."""
    entries.take_source(session(), item_id, actor=acting(), now=this_mailer().clock())
    flash("It says what its source says.", "success")
    return redirect(url_for("library_items.show", item_id=item_id))


@blueprint.post("/items/<int:item_id>/keep")
@policy(Power.EDITOR)
def keep(item_id: int) -> ResponseReturnValue:
    """Leave an item as it is."""
    entries.keep_ours(session(), item_id, actor=acting(), now=this_mailer().clock())
    flash("It stays as it is.", "success")
    return redirect(url_for("library_items.show", item_id=item_id))


def _set_paused(feed_id: int, *, paused: bool) -> ResponseReturnValue:
    now = this_mailer().clock()
    feed = following.set_paused(session(), feed_id, paused=paused, actor=acting(), now=now)
    flash(f"“{feed.title}” is {'paused' if paused else 'looked at again'}.", "success")
    return redirect(url_for("feeds.show_all"))


def _page(form: _Written, problems: forms.Problems | None = None) -> str:
    edits = may(Power.EDITOR)
    return render_template(
        "admin/library/feeds.html",
        rows=following.listing(session()),
        holds=_HOLDS,
        form=form,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        edits=edits,
        who_can=[] if edits else operators.who_may(session(), Power.EDITOR),
    )
