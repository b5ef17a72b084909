"""The catcher's inbox: the mail that nobody outside received, as it would have arrived."""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from mailer.errors import NotFound
from mailer.models import Power
from mailer.smtpd.caught_mail import CaughtMessage, Tray
from mailer.smtpd.reading import read_head, read_message, shown
from mailer.web import forms
from mailer.web.policy import policy
from mailer.web.security import mail_policy
from mailer.web.transactions import this_mailer

blueprint = Blueprint("inbox", __name__, url_prefix="/caught")
_PAGE = 50
_HEAD = 64 * 1024  # octets of a message that its line in the list is made of


@dataclass(frozen=True, slots=True)
class _Part:
    part: str = forms.choice("html", "text", "headers", "source")


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The caught mail, the newest first."""
    tray = _tray()
    page = forms.page()
    found = tray.list(_PAGE, (page - 1) * _PAGE)
    rows = [(caught, read_head(caught.content(_HEAD))) for caught in found]
    return render_template(
        "admin/settings/caught_mail.html",
        rows=rows,
        page=page,
        per_page=_PAGE,
        total=tray.count(),
        url=lambda number: url_for("inbox.show_all", page=number),
    )


@blueprint.get("/<caught_id>")
@policy(Power.VIEWER)
def show(caught_id: str) -> ResponseReturnValue:
    """One message: as it reads, its text part, its headers, its source."""
    caught = _caught(caught_id)
    octets = caught.content()
    message = read_message(octets)
    part = forms.asked(_Part).part
    return render_template(
        "admin/settings/caught_message.html",
        caught=caught,
        message=message,
        part=part,
        text=shown(message.text),
        source=shown(octets.decode("utf-8", "replace")),
    )


@blueprint.get("/<caught_id>/body")
@policy(Power.VIEWER)
def body(caught_id: str) -> ResponseReturnValue:
    """The HTML part alone, for a frame that runs nothing; its links open a page of their own."""
    html = read_message(_caught(caught_id).content()).html
    html = html.replace("<head>", '<head><base target="_blank">', 1)
    # Pictures of this installation are let through: opening the mail here is an open, as it would
    # be in a mail program.
    site = this_mailer().settings.site
    headers = {
        "Content-Security-Policy": mail_policy(site).replace(
            "sandbox allow-popups", "sandbox allow-popups allow-popups-to-escape-sandbox"
        ),
        "X-Robots-Tag": "noindex",
    }
    return Response(html, mimetype="text/html", headers=headers)


@blueprint.get("/clear")
@policy(Power.ADMIN)
def clearing() -> ResponseReturnValue:
    """The question before all of it goes."""
    return render_template(
        "admin/confirm.html",
        title="Throw the caught mail away?",
        from_where="Caught mail",
        back=url_for("inbox.show_all"),
        sentences=[f"All {_tray().count():,} messages go, and can’t be had back."],
        verb="Throw them away",
        keep="Keep them",
    )


@blueprint.post("/clear")
@policy(Power.ADMIN)
def clear() -> ResponseReturnValue:
    """Throw the caught mail away."""
    _tray().clear()
    flash("The caught mail is gone.", "success")
    return redirect(url_for("inbox.show_all"))


@blueprint.record
def keep(state: BlueprintSetupState) -> None:
    """Each application keeps one tray: it knows how many messages there were."""
    state.app.extensions["tray"] = Tray(state.app.extensions["mailer"].settings.caught_dir)


def _tray() -> Tray:
    found: Tray = current_app.extensions["tray"]
    return found


def _caught(caught_id: str) -> CaughtMessage:
    found = _tray().get(caught_id)
    if found is None:
        raise NotFound("That message is not here any more.")
    return found
