"""Tests of an issue: one press mails it to whoever presses, and a page has the choices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from contacts.addresses import Address, several
from contacts.errors import BadAddress
from contacts.membership import categories
from mailer.campaigns.drafts import tests_read
from mailer.errors import FormError, NotAllowed
from mailer.models import Campaign, DeliveryStatus, Power, ReceiptKind
from mailer.notices import issue_test_copies, issue_test_states
from mailer.notices.issue_test_states import IssueTestState
from mailer.notices.issue_tests import MOST_ADDRESSES, SeenAs, send_test
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import acting, may, policy, who_else
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("testing", __name__, url_prefix="/issues/<newsletter>/<slug>/test")
_SHOWN: Final = 30
_BACK: Final = {"composer": "composing.show", "hub": "issues.show", "page": "testing.show"}
_NONE: Final = "none"  # of the categories
_LONGEST: Final = 4_000  # characters of ten addresses, with room for mistakes
S, R = DeliveryStatus, ReceiptKind


@dataclass(frozen=True, slots=True)
class _Form:
    """Who gets it (``whom``), and as whom it is seen: a category's slug, "none", "all", "person",
    or "" for the first category."""

    whom: str = forms.choice("me", "group", "others")
    to: str = forms.text(lines=True, longest=_LONGEST)
    seen_as: str = forms.text(named="as")
    person: str = ""


@dataclass(frozen=True, slots=True)
class _From:
    """The page whose button was pressed, and where the person goes back to."""

    back: str = forms.choice("page", "composer", "hub", "home")


@dataclass(frozen=True, slots=True)
class _Read:
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SentTest:
    """A test on a page: its state in words, with the kind of its badge and the reason."""

    state: IssueTestState
    words: str
    at: datetime
    kind: str
    why: str
    online: str


@blueprint.get("")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """Who can get a test, as whom, and where those before got to."""
    return _page(issue_of(newsletter, slug), _Form())


@blueprint.post("")
@policy(Power.EDITOR)
def send(newsletter: str, slug: str) -> ResponseReturnValue:
    """Send it, and go back to the page whose button was pressed."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Form)
    back, now = forms.asked(_From).back, this_mailer().clock()
    try:
        forms.refuse(problems)
        made = send_test(
            session(),
            issue.id,
            _addresses(issue, form),
            _seen_as(form),
            site=this_mailer().settings.site,
            actor=acting(),
            now=now,
        )
    except (FormError, NotAllowed) as error:
        if back == "page":
            said = error.problems if isinstance(error, FormError) else [("", str(error))]
            return _page(issue, form, said), 422
        flash(str(error), "warning")
        return redirect(_back(back, issue))
    to = current_user.email if form.whom == "me" else ""
    where = to or (f"{len(made)} mails" if len(made) > 1 else "1 address")
    flash(f"Test of version {made[0].version} is on its way to {where}.", "success")
    return redirect(_back(back, issue))


@blueprint.get("/read")
@policy(Power.VIEWER)
def reading_it(newsletter: str, slug: str) -> ResponseReturnValue:
    """Where the links of a test lead: whether it looks right."""
    issue, version = issue_of(newsletter, slug), forms.asked(_Read).version
    return render_template(
        "admin/newsletters/test_read.html",
        issue=issue,
        version=version or issue.version,
        readers=tests_read.readers_of(session(), issue),
        who_can=who_else(Power.EDITOR),
    )


@blueprint.post("/read")
@policy(Power.EDITOR)
def say_it_is_right(newsletter: str, slug: str) -> ResponseReturnValue:
    """Keep that the person found nothing wrong in this version."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    version = forms.read(_Read)[0].version or 0
    tests_read.say_it_is_right(session(), issue.id, version, actor=acting(), now=now)
    flash(f"Noted: you found nothing wrong in version {version}.", "success")
    return redirect(link("issues.show", issue))


def rows_of(issue: Campaign, *, most: int = _SHOWN) -> list[SentTest]:
    """The newest tests of an issue, as pages list them."""
    tokens = this_mailer().tokens
    return [
        SentTest(
            each,
            *_words(each),
            url_for("online.show", token=issue_test_copies.token_of(each.test, tokens)),
        )
        for each in issue_test_states.states_of(session(), issue.id, most=most)
    ]


def are_live(rows: list[SentTest]) -> bool:
    """Whether a page that shows them renews itself."""
    now = this_mailer().clock()
    return issue_test_states.are_live([each.state for each in rows], now=now)


def _words(state: IssueTestState) -> tuple[str, datetime, str, str]:
    """The state in words and since when, the kind of its badge, and why."""
    match state.heard:
        case R.HARD_BOUNCED | R.SOFT_BOUNCED:
            return "Bounced", state.heard_at, "bad", state.detail
        case R.COMPLAINED:
            return "Marked as spam", state.heard_at, "bad", state.detail
        case R.DELAYED if state.status is S.ACCEPTED:
            return "Delayed on its way", state.heard_at, "wait", state.detail
    return _words_of_carrying(state)


def _words_of_carrying(state: IssueTestState) -> tuple[str, datetime, str, str]:
    match state.status:
        case S.ACCEPTED:
            return "Sent", state.at, "good", ""
        case S.REFUSED:
            return "Refused", state.at, "bad", state.reply
        case S.DEFERRED:
            return "Tried again", state.due_at, "wait", state.reply
    return "On its way", state.test.at, "wait", ""


def _addresses(issue: Campaign, form: _Form) -> list[Address]:
    typed = {"me": current_user.email, "group": issue.newsletter.test_group}.get(form.whom, form.to)
    if form.whom == "group" and not typed:
        sentence = f"{issue.newsletter.name} has no test group yet: an admin adds one in Settings."
        raise FormError([("", sentence)])
    try:
        return several(typed, most=MOST_ADDRESSES)
    except BadAddress as error:
        raise FormError([("to", str(error))]) from None


def _seen_as(form: _Form) -> SeenAs:
    known = [each.slug for each in categories.listing(session())]
    match form.seen_as:
        case "person" if not form.person:
            raise FormError([("person", "Write the address of the person whose copy you want.")])
        case "person":
            return SeenAs(person=form.person)
        case "all":
            return SeenAs(tuple(known) or ("",))
        case "":
            return SeenAs(tuple(known[:1]) or ("",))
        case slug:
            return SeenAs(("" if slug == _NONE else slug,))


def _back(name: str, issue: Campaign) -> str:
    return url_for("home.show") if name == "home" else link(_BACK[name], issue)


def _page(issue: Campaign, form: _Form, problems: forms.Problems | None = None) -> str:
    rows = rows_of(issue)
    known = categories.listing(session())
    edits = may(Power.EDITOR)
    return render_template(
        "admin/newsletters/test.html",
        issue=issue,
        form=form,
        seen_as=form.seen_as or (known[0].slug if known else _NONE),
        choices=[*((each.slug, f"{each.name} members") for each in known), *_others(len(known))],
        group=[each.strip() for each in issue.newsletter.test_group.split(",") if each.strip()],
        rows=rows,
        live=are_live(rows),
        edits=edits and issue.editable,
        who_can=who_else(Power.EDITOR),
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
    )


def _others(number: int) -> Iterator[tuple[str, str]]:
    yield _NONE, "Somebody without a category"
    if number > 1:
        yield "all", f"All {number} categories, a mail for each"
    yield "person", "A person on our list"
