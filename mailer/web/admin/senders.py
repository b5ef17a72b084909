"""Senders and domains: making the keys that sign, publishing their records, beginning to sign."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mailer import senders
from mailer.models import Power
from mailer.vault import Vault
from mailer.web.policy import policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("senders", __name__, url_prefix="/settings/senders")


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """Every domain that newsletters come from, and the records to publish for it."""
    return render_template("admin/senders.html", domains=senders.domains(session(), _vault()))


@blueprint.post("/keys")
@policy(Power.ADMIN)
def make_keys() -> ResponseReturnValue:
    """Keys for a domain."""
    domain = request.form.get("domain", "")
    senders.make_keys(session(), domain, vault=_vault(), now=this_mailer().clock())
    flash(f"Keys for {domain} are made. Publish their records, then begin to sign.", "success")
    return redirect(url_for("senders.show_all"))


@blueprint.post("/<any(sign, stop):move>")
@policy(Power.ADMIN)
def switch(move: str) -> ResponseReturnValue:
    """Begin to sign for a domain, or stop it."""
    domain = request.form.get("domain", "")
    signs = move == "sign"
    senders.sign_from_now(session(), domain, signs=signs, now=this_mailer().clock())
    words = "Mail is signed from now on" if signs else "Mail is not signed any more"
    flash(f"{words} for {domain}.", "success")
    return redirect(url_for("senders.show_all"))


def _vault() -> Vault:
    return Vault(this_mailer().settings.secret)
