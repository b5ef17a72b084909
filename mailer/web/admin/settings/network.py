"""Network and footer: the name, address, time zone and languages that everything else shows."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.errors import FormError
from mailer.models import Power
from mailer.network import details
from mailer.network.details import NetworkDetails
from mailer.network.locales import language_names, time_zones
from mailer.web import forms
from mailer.web.admin import start
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("network", __name__, url_prefix="/settings")


@dataclass(frozen=True, slots=True)
class _Form:
    name: str = ""
    postal_address: str = forms.text(lines=True)
    time_zone: str = ""
    own_language: str = ""
    languages: tuple[str, ...] = ()


@blueprint.get("")
@policy(Power.ADMIN)
def begin() -> ResponseReturnValue:
    """The first page of the settings."""
    return redirect(url_for("network.show"))


@blueprint.get("/network")
@policy(Power.ADMIN)
def show() -> ResponseReturnValue:
    """Who the network is."""
    return _page(NetworkDetails.of(details.find(session())))


@blueprint.post("/network")
@policy(Power.ADMIN)
def save() -> ResponseReturnValue:
    """Keep what is in the form."""
    form, problems = forms.read(_Form)
    written = _details(form)
    try:
        forms.refuse(problems)
        details.save(session(), written, actor=acting(), now=this_mailer().clock())
    except FormError as error:
        return _page(written, error.problems), 422
    flash("Saved. Issues that have gone out keep what they had.", "success")
    return redirect(start.after(url_for("network.show")))


def _details(form: _Form) -> NetworkDetails:
    own = (form.own_language,) if form.own_language else ()
    languages = tuple(dict.fromkeys((*own, *form.languages)))
    return NetworkDetails(form.name, form.postal_address, form.time_zone, languages)


def _page(written: NetworkDetails, problems: forms.Problems | None = None) -> str:
    return render_template(
        "admin/settings/network.html",
        form=written,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        zones=[(zone, zone.replace("_", " ")) for zone in time_zones()],
        languages=language_names(),
        own_language=next(iter(written.languages), ""),
    )
