"""Relays and speed: where mail is handed over, in which order, how fast, and how that goes."""

from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mailer.errors import FormError
from mailer.models import Power, Relay
from mailer.relays import registry as relays
from mailer.relays.form import Details, Problems
from mailer.security.vault import Vault
from mailer.settings.relay_address import TlsMode
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("relays", __name__, url_prefix="/settings/relays")

PROTECTIONS: Final = {
    TlsMode.STARTTLS.value: "STARTTLS, always (port 587 mostly)",
    TlsMode.IMPLICIT.value: "TLS from the start (port 465 mostly)",
    TlsMode.OPPORTUNISTIC.value: "STARTTLS where the relay offers it",
    TlsMode.NONE.value: "None: the relay is on this machine or a network you trust",
}
_LONGEST: Final = 1000  # characters of a field worth looking at


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """Every relay in the order they are used in, and how each stands."""
    settings, now = this_mailer().settings, this_mailer().clock()
    return render_template(
        "admin/settings/relays.html",
        rows=relays.listing(session(), settings, now=now),
        catcher=settings.catching,
        protections=PROTECTIONS,
    )


@blueprint.get("/new")
@policy(Power.ADMIN)
def new() -> ResponseReturnValue:
    """A form for another relay."""
    return _page(None, Details(port="587"))


@blueprint.post("/new")
@policy(Power.ADMIN)
def make() -> ResponseReturnValue:
    """Another relay; it is off until somebody switches it on."""
    details = _typed()
    try:
        made = relays.add(session(), details, vault=_vault(), actor=acting(), now=_now())
    except FormError as error:
        return _page(None, details, error.problems), 422
    flash(f"{made.name} is kept, and it is off. Test it, then switch it on.", "success")
    return redirect(url_for("relays.show_all"))


@blueprint.get("/<int:relay_id>")
@policy(Power.ADMIN)
def edit(relay_id: int) -> ResponseReturnValue:
    """The form of one relay."""
    relay = relays.find(session(), relay_id)
    return _page(relay, Details.of(relay))


@blueprint.post("/<int:relay_id>")
@policy(Power.ADMIN)
def save(relay_id: int) -> ResponseReturnValue:
    """Keep what is in the form."""
    details = _typed()
    try:
        relays.edit(session(), relay_id, details, vault=_vault(), actor=acting(), now=_now())
    except FormError as error:
        return _page(relays.find(session(), relay_id), details, error.problems), 422
    flash("Saved. It counts from now on, also for what is being sent.", "success")
    return redirect(url_for("relays.show_all"))


@blueprint.post("/<int:relay_id>/<any(up, down):way>")
@policy(Power.ADMIN)
def move(relay_id: int, way: str) -> ResponseReturnValue:
    """One place up or down."""
    relay = relays.move(session(), relay_id, up=way == "up", actor=acting(), now=_now())
    flash(f"{relay.name} is number {relay.position + 1} now.", "success")
    return redirect(url_for("relays.show_all"))


@blueprint.post("/<int:relay_id>/<any(on, off):to>")
@policy(Power.ADMIN)
def switch(relay_id: int, to: str) -> ResponseReturnValue:
    """Use it, or no more."""
    settings = this_mailer().settings
    relay = relays.switch(
        session(), relay_id, on=to == "on", settings=settings, actor=acting(), now=_now()
    )
    if any(each.relay.enabled for each in relays.listing(session(), settings, now=_now())):
        flash(f"{relay.name} is {to}.", "success")
    else:
        flash(f"{relay.name} is off, and so are all others: mail waits until one is on.", "warning")
    return redirect(url_for("relays.show_all"))


@blueprint.post("/<int:relay_id>/remove")
@policy(Power.ADMIN)
def remove(relay_id: int) -> ResponseReturnValue:
    """Forget it and its password."""
    name = relays.remove(session(), relay_id, actor=acting(), now=_now())
    flash(f"{name} is removed.", "success")
    return redirect(url_for("relays.show_all"))


def _page(relay: Relay | None, details: Details, problems: Problems | None = None) -> str:
    settings = this_mailer().settings
    return render_template(
        "admin/settings/relay_form.html",
        relay=relay,
        form=details,
        host=settings.relay_host,
        catcher=settings.catching,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        protections=list(PROTECTIONS.items()),
    )


def _typed() -> Details:
    form = request.form
    words = {
        name: form.get(name, "")[:_LONGEST]
        for name in Details.__slots__
        if name not in {"verify", "connections"}
    }
    connections = form.get("connections", "")[:_LONGEST]
    return Details(**words, verify="verify" in form, connections=connections)


def _vault() -> Vault:
    return Vault(this_mailer().settings.secret)


def _now() -> datetime:
    return this_mailer().clock()
