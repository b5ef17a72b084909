"""Newsletters in the settings: what people can subscribe to, in which order, from which sender."""

from dataclasses import asdict, dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from contacts.errors import BadDetails
from contacts.models import Newsletter
from contacts.permission import newsletters as use_cases
from contacts.permission.newsletters import NewsletterDetails, newsletter_of
from mailer.domains import standing
from mailer.domains.standing import domain_of
from mailer.errors import FormError
from mailer.models import Power
from mailer.network import details as network
from mailer.web import forms
from mailer.web.admin import start
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("newsletters", __name__, url_prefix="/settings/newsletters")


@dataclass(frozen=True, slots=True)
class _Form:
    name: str = ""
    description: str = forms.text(lines=True)
    frequency: str = ""
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    postal_address: str = forms.text(lines=True)
    test_group: str = forms.text(lines=True, longest=3_000)
    archive_on: bool = False
    archive_segments: bool = False
    self_approval: bool = False


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """Every newsletter in its order, with how its domain stands."""
    rows = use_cases.listing(session())
    domains = {domain_of(each.from_address) for each in rows}
    return render_template(
        "admin/settings/newsletters.html",
        rows=[(each, domain_of(each.from_address)) for each in rows],
        checks={domain: standing.latest(session(), domain) for domain in domains},
    )


@blueprint.get("/new")
@policy(Power.ADMIN)
def new() -> ResponseReturnValue:
    """A form, with the network's name for the sender's."""
    kept = network.find(session())
    return _page(None, NewsletterDetails(from_name=kept.network_name if kept else ""))


@blueprint.post("/new")
@policy(Power.ADMIN)
def add() -> ResponseReturnValue:
    """Another newsletter."""
    written, problems = _written()
    try:
        forms.refuse(problems)
        made = use_cases.add(session(), written, actor=acting(), now=this_mailer().clock())
    except (FormError, BadDetails) as error:
        return _page(None, written, error.problems), 422
    flash(f"{made.name} is added. Now check its domain: {_domain(made)}.", "success")
    return redirect(start.after(url_for("senders.show", domain=_domain(made))))


@blueprint.get("/<slug>")
@policy(Power.ADMIN)
def edit(slug: str) -> ResponseReturnValue:
    """The form of one."""
    newsletter = newsletter_of(session(), slug)
    return _page(newsletter, NewsletterDetails.of(newsletter))


@blueprint.post("/<slug>")
@policy(Power.ADMIN)
def save(slug: str) -> ResponseReturnValue:
    """Keep what is in the form."""
    before = _domain(newsletter_of(session(), slug))
    written, problems = _written()
    now = this_mailer().clock()
    try:
        forms.refuse(problems)
        kept = use_cases.change(session(), slug, written, actor=acting(), now=now)
    except (FormError, BadDetails) as error:
        return _page(newsletter_of(session(), slug), written, error.problems), 422
    if _domain(kept) != before:
        flash(f"Saved. It comes from another domain now: check {_domain(kept)}.", "warning")
        return redirect(url_for("senders.show", domain=_domain(kept)))
    flash("Saved. Issues that have gone out keep what they had.", "success")
    return redirect(url_for("newsletters.show_all"))


@blueprint.post("/<slug>/<any(up, down):way>")
@policy(Power.ADMIN)
def move(slug: str, way: str) -> ResponseReturnValue:
    """One place up or down among those that people are offered."""
    now = this_mailer().clock()
    moved = use_cases.move(session(), slug, up=way == "up", actor=acting(), now=now)
    flash(f"{moved.name} is number {moved.position + 1} now.", "success")
    return redirect(url_for("newsletters.show_all"))


def _written() -> tuple[NewsletterDetails, forms.Problems]:
    form, problems = forms.read(_Form)
    return NewsletterDetails(**asdict(form)), problems


def _domain(newsletter: Newsletter) -> str:
    return domain_of(newsletter.from_address)


def _page(
    newsletter: Newsletter | None,
    written: NewsletterDetails,
    problems: forms.Problems | None = None,
) -> str:
    domain = _domain(newsletter) if newsletter else ""
    return render_template(
        "admin/settings/newsletter_form.html",
        newsletter=newsletter,
        form=written,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        domain=domain,
        check=standing.latest(session(), domain) if domain else None,
        site=this_mailer().settings.site,
    )
