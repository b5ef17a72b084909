"""Mail to look at: what came back and nobody could make sense of, one by one before a person.

Everybody can write to the addresses that mail comes back to, so nothing here is shown as HTML.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.addresses import Address, parse
from contacts.errors import BadAddress
from contacts.models import Contact, SuppressionReason
from contacts.permission.suppressions import suppress
from mailer.errors import NotFound
from mailer.models import Power
from mailer.receipts.bounces import BounceKind, PlainMessage, plain_message
from mailer.receipts.bounces.parts.addresses import found_in
from mailer.receipts.bounces.parts.fields import Fields
from mailer.receipts.incoming import folder
from mailer.receipts.incoming.unreadable import UnreadableMail, UnreadableMessage
from mailer.receipts.matching import MatchedReport, match_report
from mailer.web import forms
from mailer.web.admin.contacts.standing import HELD
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("unreadable_mail", __name__, url_prefix="/receipts/to-look-at")
_PAGE: Final = 25
_GLANCE: Final = 128 * 1024  # octets of a message that a row of the list is made of
_MOST_SOURCE: Final = 256 * 1024
_MOST_CANDIDATES: Final = 50
_PARTS: Final = ("words", "headers", "source")
_REASONS: Final = ("bounced", "complained", "do_not_email")
_ASKED: Final = {
    BounceKind.COMPLAINT: "Somebody marked a mail as spam, but it doesn’t say which of ours.",
    BounceKind.UNSUBSCRIBE: "Somebody wants no more mail, but it doesn’t say which of ours.",
    BounceKind.HARD: "It tells of a mail that didn’t arrive, but not which of ours.",
    BounceKind.SOFT: "It tells of a mail that didn’t arrive, but not which of ours.",
}
_TORN: Final = "The file is damaged: only a part of it is here."
_NOTHING: Final = "It says nothing about a mail of ours. It may be a question, or advertising."
_FAULT: Final = "Something went wrong here while it was read. Read it again after the next update."


@dataclass(frozen=True, slots=True)
class _Part:
    part: str = forms.choice(*_PARTS)


@dataclass(frozen=True, slots=True)
class _Address:
    email: str = ""
    reason: str = forms.choice(*_REASONS)


@blueprint.get("")
@policy(Power.EDITOR)
def show_all() -> ResponseReturnValue:
    """The mails, the newest first."""
    unreadable = _unreadable()
    page = forms.page()
    return render_template(
        "admin/contacts/unreadable_mail.html",
        rows=[_row(found) for found in unreadable.list(_PAGE, (page - 1) * _PAGE)],
        page=page,
        per_page=_PAGE,
        total=unreadable.count(),
        url=lambda number: url_for("unreadable_mail.show_all", page=number),
    )


@blueprint.get("/<name>")
@policy(Power.EDITOR)
def show(name: str) -> ResponseReturnValue:
    """One of them: its words, its header, its source, and what can be done."""
    return _page(_found(name))


@blueprint.post("/<name>/<any(done, again):move>")
@policy(Power.EDITOR)
def put(name: str, move: str) -> ResponseReturnValue:
    """Put it away, or have it read once more."""
    found = _found(name)
    moves: dict[str, tuple[Callable[[Path], Path], str]] = {
        "done": (folder.put_away, "Done. The mail is kept, but not listed here any more."),
        "again": (
            folder.put_back,
            "It is being read again. If it still makes no sense, it comes back to this list.",
        ),
    }
    how, notice = moves[move]
    try:
        how(found.path)
    except FileNotFoundError:
        raise _gone() from None
    flash(notice, "success")
    return redirect(url_for("unreadable_mail.show_all"))


@blueprint.post("/<name>/address")
@policy(Power.EDITOR)
def leave_alone(name: str) -> ResponseReturnValue:
    """Never write again to an address that the mail is about."""
    found = _found(name)
    form, _ = forms.read(_Address)
    try:
        address = parse(form.email)
    except BadAddress as error:
        return _page(found, email=form.email, reason=form.reason, error=str(error)), 422
    subject = plain_message(found.octets(_GLANCE)).fields.words("subject")
    added = suppress(
        session(),
        address.key,
        SuppressionReason(form.reason),
        source=acting(),
        detail=f"After looking at the mail “{subject[:200]}” ({found.name})",
        now=this_mailer().clock(),
    )
    notice = "is on do-not-email now" if added else "was on do-not-email already"
    flash(f"{address.key} {notice}. Nothing is sent to it.", "success")
    return redirect(url_for("unreadable_mail.show", name=name))


def _page(found: UnreadableMessage, *, email: str = "", reason: str = "", error: str = "") -> str:
    octets = found.octets()
    message, reports = plain_message(octets), _reports_in(octets)
    part = forms.asked(_Part).part
    return render_template(
        "admin/contacts/unreadable_message.html",
        mail=found,
        fields=message.fields,
        words=message.text,
        source=octets[:_MOST_SOURCE].decode("utf-8", "replace"),
        cut=len(octets) > _MOST_SOURCE,
        part=part,
        why=_why(found, reports),
        reasons=[(value, HELD[value]) for value in _REASONS],
        reason=reason or _REASONS[0],
        email=email if error else _likely_address(message, reports),
        error=error,
        failed=bool(error),
    )


def _row(found: UnreadableMessage) -> tuple[UnreadableMessage, Fields, str]:
    octets = found.octets(_GLANCE)
    return found, plain_message(octets).fields, _why(found, _reports_in(octets))


def _reports_in(octets: bytes) -> tuple[MatchedReport, ...]:
    return match_report(octets, tokens=this_mailer().tokens)


def _why(found: UnreadableMessage, reports: tuple[MatchedReport, ...]) -> str:
    """Why it lies here, in a sentence."""
    if found.torn:
        return _TORN
    unclear = next((matched for matched in reports if not matched.is_settled), None)
    return _ASKED.get(unclear.report.kind, _NOTHING) if unclear else _FAULT


def _likely_address(message: PlainMessage, reports: tuple[MatchedReport, ...]) -> str:
    """Whom the mail is about: somebody we know if it names one, else whom it reports on."""
    candidates = list(_candidates(message, reports))
    keys = {address.key for address in candidates}
    known = set(session().scalars(select(Contact.address_key).where(Contact.address_key.in_(keys))))
    reported = next(
        (matched.report.recipient for matched in reports if matched.report.recipient), ""
    )
    return next((each.wire for each in candidates if each.key in known), reported)


def _candidates(message: PlainMessage, reports: tuple[MatchedReport, ...]) -> Iterator[Address]:
    senders = found_in(message.fields.first("from"))
    reported = [matched.report.recipient for matched in reports if matched.report.recipient]
    for written in [*reported, *found_in(message.text), *senders][:_MOST_CANDIDATES]:
        try:
            yield parse(written)
        except BadAddress:
            continue


def _unreadable() -> UnreadableMail:
    return UnreadableMail(this_mailer().settings.incoming_dir)


def _found(name: str) -> UnreadableMessage:
    found = _unreadable().get(name)
    if found is None:
        raise _gone()
    return found


def _gone() -> NotFound:
    return NotFound("That mail is not on this list any more.")
