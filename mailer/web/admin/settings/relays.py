"""Relays and speed: where mail is handed over, in which order, how fast, and how that goes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.errors import FormError
from mailer.models import Power, Relay
from mailer.relays import registry
from mailer.relays.form import Problems, RelayDetails
from mailer.security.vault import Vault
from mailer.settings.relay_address import TlsMode
from mailer.web import forms
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("relays", __name__, url_prefix="/settings/relays")

PROTECTIONS: Final = {
    TlsMode.STARTTLS.value: "STARTTLS, always (port 587 mostly)",
    TlsMode.IMPLICIT.value: "TLS from the start (port 465 mostly)",
    TlsMode.OPPORTUNISTIC.value: "STARTTLS where the relay offers it",
    TlsMode.NONE.value: "None: the relay is on this machine or a network you trust",
}


@dataclass(frozen=True, slots=True)
class _Password:
    password: str = forms.text(exact=True)


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """Every relay in the order they are used in, and how each stands."""
    settings, now = this_mailer().settings, this_mailer().clock()
    return render_template(
        "admin/settings/relays.html",
        rows=registry.listing(session(), settings, now=now),
        catcher=settings.catching,
        protections=PROTECTIONS,
    )


@blueprint.get("/new")
@policy(Power.ADMIN)
def new() -> ResponseReturnValue:
    """A form for another relay."""
    return _page(None, RelayDetails(port="587"))


@blueprint.post("/new")
@policy(Power.ADMIN)
def make() -> ResponseReturnValue:
    """Another relay; it is off until somebody switches it on."""
    details, problems = _typed()
    try:
        forms.refuse(problems)
        made = registry.add(session(), details, vault=_vault(), actor=acting(), now=_now())
    except FormError as error:
        return _page(None, details, error.problems), 422
    flash(f"{made.name} is kept, and it is off. Test it, then switch it on.", "success")
    return redirect(url_for("relays.show_all"))


@blueprint.get("/<int:relay_id>")
@policy(Power.ADMIN)
def edit(relay_id: int) -> ResponseReturnValue:
    """The form of one relay."""
    relay = registry.find(session(), relay_id)
    return _page(relay, RelayDetails.of(relay))


@blueprint.post("/<int:relay_id>")
@policy(Power.ADMIN)
def save(relay_id: int) -> ResponseReturnValue:
    """Keep what is in the form."""
    details, problems = _typed()
    try:
        forms.refuse(problems)
        registry.edit(session(), relay_id, details, vault=_vault(), actor=acting(), now=_now())
    except FormError as error:
        return _page(registry.find(session(), relay_id), details, error.problems), 422
    flash("Saved. It counts from now on, also for what is being sent.", "success")
    return redirect(url_for("relays.show_all"))


@blueprint.post("/<int:relay_id>/<any(up, down):way>")
@policy(Power.ADMIN)
def move(relay_id: int, way: str) -> ResponseReturnValue:
    """One place up or down."""
    relay = registry.move(session(), relay_id, up=way == "up", actor=acting(), now=_now())
    flash(f"{relay.name} is number {relay.position + 1} now.", "success")
    return redirect(url_for("relays.show_all"))


@blueprint.post("/<int:relay_id>/<any(on, off):to>")
@policy(Power.ADMIN)
def switch(relay_id: int, to: str) -> ResponseReturnValue:
    """Use it, or no more."""
    settings = this_mailer().settings
    relay = registry.switch(
        session(), relay_id, on=to == "on", settings=settings, actor=acting(), now=_now()
    )
    if any(each.relay.enabled for each in registry.listing(session(), settings, now=_now())):
        flash(f"{relay.name} is {to}.", "success")
    else:
        flash(f"{relay.name} is off, and so are all others: mail waits until one is on.", "warning")
    return redirect(url_for("relays.show_all"))


@blueprint.post("/<int:relay_id>/remove")
@policy(Power.ADMIN)
def remove(relay_id: int) -> ResponseReturnValue:
    """Forget it and its password."""
    name = registry.remove(session(), relay_id, actor=acting(), now=_now())
    flash(f"{name} is removed.", "success")
    return redirect(url_for("relays.show_all"))


def _page(relay: Relay | None, details: RelayDetails, problems: Problems | None = None) -> str:
    settings = this_mailer().settings
    return render_template(
        "admin/settings/relay_form.html",
        relay=relay,
        form=details,
        host=settings.relay.host,
        catcher=settings.catching,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        protections=list(PROTECTIONS.items()),
    )


def _typed() -> tuple[RelayDetails, Problems]:
    details, problems = forms.read(RelayDetails)
    return replace(details, password=forms.read(_Password)[0].password), problems


def _vault() -> Vault:
    return Vault(this_mailer().settings.secret)


def _now() -> datetime:
    return this_mailer().clock()
