"""Public pages in the settings: which pages of the library everybody may see."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.network import public_pages
from mailer.network.public_pages import PublicPage
from mailer.web import forms
from mailer.web.policy import acting, policy
from mailer.web.public.library import TITLES
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("public_pages", __name__, url_prefix="/settings/public-pages")
_ABOUT = {
    PublicPage.CASE_STUDIES: "with a search",
    PublicPage.EVENTS: "with a calendar that others can follow",
    PublicPage.BLOG: "the newest first",
    PublicPage.MEMBERS: "organisations by category, with their websites; no people",
}


@dataclass(frozen=True, slots=True)
class _Form:
    page: tuple[str, ...] = ()


@blueprint.get("")
@policy(Power.ADMIN)
def show() -> ResponseReturnValue:
    """What is switched on."""
    site, on = this_mailer().settings.site, public_pages.switched_on(session())
    return render_template(
        "admin/settings/public_pages.html",
        pages=[
            (page.value, TITLES[page], _ABOUT[page], f"{site}/{page.value}", page in on)
            for page in PublicPage
        ],
    )


@blueprint.post("")
@policy(Power.ADMIN)
def save() -> ResponseReturnValue:
    """Switch pages on and off."""
    form, _ = forms.read(_Form)
    wanted = [page for page in PublicPage if page.value in form.page]
    public_pages.switch(session(), wanted, actor=acting(), now=this_mailer().clock())
    flash("Saved.", "success")
    return redirect(url_for("public_pages.show"))
