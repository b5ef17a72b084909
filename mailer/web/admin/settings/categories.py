"""Categories of membership: their names and order, who may hold them, and who does."""

from dataclasses import asdict, dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from contacts.errors import BadDetails
from contacts.membership import categories as use_cases
from contacts.membership.categories import CategoryDetails
from contacts.membership.holders import held
from contacts.models import Category, Holders
from mailer.errors import FormError
from mailer.models import Power
from mailer.network import categories as network
from mailer.web import forms
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("categories", __name__, url_prefix="/settings/categories")

HOLDERS: Final = {
    Holders.BOTH.value: "Organisations and people",
    Holders.ORGANISATIONS.value: "Organisations only",
    Holders.PEOPLE.value: "People without an organisation only",
}


@dataclass(frozen=True, slots=True)
class _Form:
    name: str = ""
    description: str = forms.text(lines=True)
    held_by: str = forms.choice(*HOLDERS)


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """Every category in its order, with who holds it."""
    rows = [(each, held(session(), each)) for each in use_cases.listing(session())]
    return render_template("admin/settings/categories.html", rows=rows, holders=HOLDERS)


@blueprint.get("/new")
@policy(Power.ADMIN)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, CategoryDetails())


@blueprint.post("/new")
@policy(Power.ADMIN)
def add() -> ResponseReturnValue:
    """Another category."""
    written, problems = _written()
    try:
        forms.refuse(problems)
        made = use_cases.add(session(), written, actor=acting(), now=this_mailer().clock())
    except (FormError, BadDetails) as error:
        return _page(None, written, error.problems), 422
    flash(f"{made.name} is added.", "success")
    return redirect(url_for("categories.show_all"))


@blueprint.get("/<slug>")
@policy(Power.ADMIN)
def edit(slug: str) -> ResponseReturnValue:
    """The form of one."""
    category = use_cases.find(session(), slug)
    return _page(category, CategoryDetails.of(category))


@blueprint.post("/<slug>")
@policy(Power.ADMIN)
def save(slug: str) -> ResponseReturnValue:
    """Keep what is in the form."""
    written, problems = _written()
    now = this_mailer().clock()
    try:
        forms.refuse(problems)
        use_cases.change(session(), slug, written, actor=acting(), now=now)
    except (FormError, BadDetails) as error:
        return _page(use_cases.find(session(), slug), written, error.problems), 422
    flash("Saved.", "success")
    return redirect(url_for("categories.show_all"))


@blueprint.post("/<slug>/<any(up, down):way>")
@policy(Power.ADMIN)
def move(slug: str, way: str) -> ResponseReturnValue:
    """One place up or down."""
    now = this_mailer().clock()
    moved = use_cases.move(session(), slug, up=way == "up", actor=acting(), now=now)
    flash(f"{moved.name} is number {moved.position + 1} now.", "success")
    return redirect(url_for("categories.show_all"))


@blueprint.get("/<slug>/remove")
@policy(Power.ADMIN)
def ask(slug: str) -> ResponseReturnValue:
    """Ask before a category is removed."""
    category = use_cases.find(session(), slug)
    return render_template(
        "admin/confirm.html",
        title=f"Remove the category {category.name}?",
        from_where="Categories",
        back=url_for("categories.show_all"),
        sentences=["Nobody holds it. A file that speaks of it can’t be imported as it is then."],
        verb=f"Remove {category.name}",
        keep="Keep it",
    )


@blueprint.post("/<slug>/remove")
@policy(Power.ADMIN)
def remove(slug: str) -> ResponseReturnValue:
    """Remove one that is used nowhere."""
    name = network.remove(session(), slug, actor=acting(), now=this_mailer().clock())
    flash(f"{name} is removed.", "success")
    return redirect(url_for("categories.show_all"))


def _written() -> tuple[CategoryDetails, forms.Problems]:
    form, problems = forms.read(_Form)
    return CategoryDetails(**asdict(form)), problems


def _page(
    category: Category | None, written: CategoryDetails, problems: forms.Problems | None = None
) -> str:
    return render_template(
        "admin/settings/category_form.html",
        category=category,
        form=written,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        holders=list(HOLDERS.items()),
    )
