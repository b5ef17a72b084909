"""Asking for stories: what, of whom, by when; the mail and whom it goes to are shown before it
goes."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from contacts.bulk import among
from contacts.models import Category, Contact, Organisation, Segment
from contacts.names import fold
from mailer.authoring.text import typed_dates
from mailer.campaigns.drafts import taking
from mailer.errors import FormError
from mailer.gathering.stories import asking, request_mail
from mailer.gathering.stories.choosing import WORDS, AskedPeople, WantedPeople, choose
from mailer.gathering.stories.request_mail import WrittenRequest
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.network import local_now
from mailer.web.policy import acting, policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("asking_for_stories", __name__, url_prefix="/library/requests/new")
_FOUND: Final = 12
QUIET: Final = ("", "3", "6", "9", "12")


@dataclass(frozen=True, slots=True)
class _Written:
    title: str = request_mail.TITLE
    words: str = forms.text(longest=asking.LONGEST_WORDS, lines=True)
    issue: int | None = None
    due_on: str = ""
    remind: bool = False
    remind_on: str = ""
    thanks: bool = False
    segment: str = forms.text(longest=80)
    category: str = forms.text(longest=80)
    quiet: str = forms.choice(*QUIET)
    find: str = forms.text(longest=200, cut=True)
    person: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    seen: int | None = None
    then: str = forms.choice("show", "find", "ask")

    @property
    def wanted(self) -> WantedPeople:
        """Whom they chose."""
        return WantedPeople(
            people=_numbers(self.person),
            organisations=_numbers(self.organisation),
            segment=self.segment,
            category=self.category,
            quiet_months=int(self.quiet) if self.quiet else None,
        )


@blueprint.get("")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """The form, with a day that suits the issue, and whom a link to it named."""
    asked = forms.asked(_Written)
    issues = taking.issues_to_add_to(session())
    chosen = next((each for each in issues if each.id == asked.issue), None)
    chosen = chosen or (issues[0] if issues else None)
    due, remind = asking.dates_for(session(), chosen, today=local_now().date())
    form = replace(
        asked,
        title=request_mail.TITLE,
        words=request_mail.WORDS,
        issue=chosen.id if chosen else None,
        due_on=due.isoformat(),
        remind=True,
        remind_on=remind.isoformat(),
    )
    return _form(form)


@blueprint.post("")
@policy(Power.EDITOR)
@reading
def ask() -> ResponseReturnValue:
    """Find people, show the mail and whom it goes to, or ask them."""
    form, problems = forms.read(_Written)
    if form.then == "find":
        return _form(form)
    written, wrong = _request(form)
    problems += wrong
    if written is None or problems:
        return _form(form, problems), 422
    today = local_now().date()
    chosen = choose(session(), form.wanted, today=today)
    problems = [*asking.problems(written, today=today), *asking.nobody(chosen)]
    if problems:
        return _form(form, problems), 422
    number = len(chosen.asked)
    if form.then == "show" or number != form.seen:
        changed = form.then == "ask" and form.seen is not None
        return _form(replace(form, seen=number), shown=(written, chosen), changed=changed)
    write_from_now_on()
    here = this_mailer()
    try:
        made = asking.ask(
            session(),
            written,
            form.wanted,
            site=here.settings.site,
            tokens=here.tokens,
            actor=acting(),
            now=here.clock(),
        )
    except FormError as error:
        return _form(form, error.problems), 422
    flash(f"{number} {'person is' if number == 1 else 'people are'} asked.", "success")
    return redirect(url_for("story_requests.show", request_id=made.id))


def _request(form: _Written) -> tuple[WrittenRequest | None, forms.Problems]:
    due, remind = _day(form.due_on), _day(form.remind_on) if form.remind else None
    problems: forms.Problems = []
    if due is None:
        problems.append(("due_on", "Write the day by which you want them, such as 27 Nov."))
    if form.remind and remind is None:
        problems.append(("remind_on", "Write the day of the reminder, such as 25 Nov."))
    if form.wanted.is_nobody:
        problems.append(("who", "Choose whom to ask."))
    if due is None or problems:
        return None, problems
    return WrittenRequest(form.title, form.words, due, remind, form.issue, form.thanks), []


def _day(text: str) -> date | None:
    found = typed_dates.read_typed(text, today=local_now().date()) if text else None
    return date.fromisoformat(found[:10]) if found else None


def _form(
    form: _Written,
    problems: forms.Problems | None = None,
    *,
    shown: tuple[WrittenRequest, AskedPeople] | None = None,
    changed: bool = False,
) -> str:
    issues = taking.issues_to_add_to(session())
    people, places = _found(form)
    mail = None
    if shown:
        written, chosen = shown
        mail = request_mail.preview(session(), written, chosen.asked[0].contact, link="")
    return render_template(
        "admin/library/request_form.html",
        form=form,
        issues=[(each.id, each.name) for each in issues],
        segments=_slugs(Segment),
        categories=_slugs(Category),
        quiet=[(each, f"for {each} months or more") for each in QUIET if each],
        people=people,
        places=places,
        chosen=shown[1] if shown else None,
        why=WORDS,
        mail=mail,
        sender=request_mail.sender_of(session(), form.issue if _is_there(form.issue) else None),
        changed=changed,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
    )


def _is_there(issue: int | None) -> bool:
    return issue is not None and session().get(Campaign, issue) is not None


def _found(form: _Written) -> tuple[list[tuple[Contact, bool]], list[tuple[Organisation, bool]]]:
    """Who is ticked, and whom the search found: each with whether they are ticked."""
    person, place = _numbers(form.person), _numbers(form.organisation)
    people = [among(session(), Contact.id, person)]
    places = [among(session(), Organisation.id, place)]
    if word := fold(form.find):
        found = select(Organisation.id).where(Organisation.name_key.contains(word, autoescape=True))
        places.append(Organisation.id.in_(found.limit(_FOUND)))
        named = select(Contact.id).where(
            or_(
                Contact.last_name_key.startswith(word, autoescape=True),
                Contact.first_name_key.startswith(word, autoescape=True),
                Contact.address_key.startswith(word, autoescape=True),
            )
        )
        people.append(Contact.id.in_(named.limit(_FOUND)))
    who = session().scalars(select(Contact).where(or_(*people)).order_by(Contact.last_name_key))
    where = session().scalars(
        select(Organisation).where(or_(*places)).order_by(Organisation.name_key)
    )
    return [(each, each.id in person) for each in who], [(each, each.id in place) for each in where]


def _slugs(kind: type[Segment] | type[Category]) -> list[tuple[str, str]]:
    return [(slug, name) for slug, name in session().execute(select(kind.slug, kind.name))]


def _numbers(values: tuple[str, ...]) -> tuple[int, ...]:
    digits = (each for each in values if each.isascii() and each.isdecimal() and len(each) < 19)
    return tuple(dict.fromkeys(map(int, digits)))
