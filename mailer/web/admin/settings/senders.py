"""Senders and domains: keys that sign, their records, and what DNS says of each domain."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.campaigns import sender_gate
from mailer.domains import signing_keys, standing
from mailer.errors import NotFound
from mailer.models import Power
from mailer.security.vault import Vault
from mailer.web import forms
from mailer.web.policy import policy
from mailer.web.transactions import commit_early, session, this_mailer

blueprint = Blueprint("senders", __name__, url_prefix="/settings/senders")


@dataclass(frozen=True, slots=True)
class _Domain:
    domain: str = ""


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """Every domain that newsletters come from, and the records to publish for it."""
    domains = signing_keys.domains(session(), _vault())
    checks = {domain.name: standing.latest(session(), domain.name) for domain in domains}
    return render_template("admin/settings/senders.html", domains=domains, checks=checks)


@blueprint.get("/<domain>")
@policy(Power.ADMIN)
def show(domain: str) -> ResponseReturnValue:
    """What the last check of a domain found."""
    if not signing_keys.is_sender_domain(session(), domain):
        raise NotFound(f"No newsletter comes from {domain}.")
    check = standing.latest(session(), domain)
    topics = standing.by_topic(check) if check else []
    return render_template("admin/settings/domain.html", domain=domain, check=check, topics=topics)


@blueprint.post("/<domain>/check")
@policy(Power.ADMIN)
def check(domain: str) -> ResponseReturnValue:
    """Ask DNS about a domain now."""
    commit_early()
    found = sender_gate.vet(this_mailer(), domain)
    notice = "Nothing is to fix." if not found.to_fix else f"{found.to_fix} to fix: look below."
    flash(f"{domain} was checked. {notice}", "warning" if found.to_fix else "success")
    return redirect(url_for("senders.show", domain=domain))


@blueprint.post("/keys")
@policy(Power.ADMIN)
def make_keys() -> ResponseReturnValue:
    """Keys for a domain."""
    domain = forms.read(_Domain)[0].domain
    signing_keys.make_keys(session(), domain, vault=_vault(), now=this_mailer().clock())
    flash(f"Keys for {domain} are made. Publish their records, then begin to sign.", "success")
    return redirect(url_for("senders.show_all"))


@blueprint.post("/<any(sign, stop):move>")
@policy(Power.ADMIN)
def switch(move: str) -> ResponseReturnValue:
    """Begin to sign for a domain, or stop it."""
    domain = forms.read(_Domain)[0].domain
    signs = move == "sign"
    signing_keys.set_signing(session(), domain, signs=signs, now=this_mailer().clock())
    notice = "Mail is signed from now on" if signs else "Mail is not signed any more"
    flash(f"{notice} for {domain}.", "success")
    return redirect(url_for("senders.show_all"))


def _vault() -> Vault:
    return Vault(this_mailer().settings.secret)
