"""What is done with people who are ticked in the list: a tag for all of them, or a copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contacts.errors import BadName
from contacts.exporting.csv import write_csv
from contacts.people.finding import Wanted
from contacts.people.tagging import Tagged, tag_people
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.contacts import listing
from mailer.web.admin.contacts.exports import download
from mailer.web.policy import acting, policy
from mailer.web.transactions import reading, session, this_mailer

blueprint = Blueprint("chosen", __name__, url_prefix="/people/chosen")
_NOBODY = "Tick the people in the list first, then say what is to be done."
_LONGEST = 19  # digits of a number that a database can look for


@dataclass(frozen=True, slots=True)
class _Chosen:
    chosen: tuple[str, ...] = ()
    label: str = forms.text(longest=200)


@blueprint.post("/tag")
@policy(Power.EDITOR)
def tag() -> ResponseReturnValue:
    """Put a tag on everybody who is ticked."""
    form, problems = forms.read(_Chosen)
    ids = _ids(form)
    if problems or not ids:
        flash(problems[0][1] if problems else _NOBODY, "error")
        return redirect(_back())
    try:
        tagged = tag_people(session(), ids, form.label, actor=acting(), now=this_mailer().clock())
    except BadName as error:
        flash(str(error), "error")
        return redirect(_back())
    flash(_in_words(tagged), "success")
    return redirect(_back())


@blueprint.post("/export")
@policy(Power.EDITOR)
@reading
def export() -> ResponseReturnValue:
    """Everybody who is ticked, as the export of everybody has them."""
    ids = _ids(forms.read(_Chosen)[0])
    if not ids:
        flash(_NOBODY, "error")
        return redirect(_back())
    return download(partial(_write, ids=ids), "chosen-people.csv")


def _write(session: Session, file: TextIO, *, ids: frozenset[int]) -> Iterator[int]:
    return write_csv(session, file, only=ids)


def _ids(form: _Chosen) -> frozenset[int]:
    written = (each for each in form.chosen if each.isascii() and each.isdecimal())
    return frozenset(int(each) for each in written if len(each) < _LONGEST)


def _back() -> str:
    """The list as it was when people were ticked."""
    return listing.url(forms.read(Wanted)[0])


def _in_words(tagged: Tagged) -> str:
    people = "1 person" if tagged.added == 1 else f"{tagged.added:,} people"
    words = [f"{people} tagged “{tagged.tag}”."]
    if tagged.had:
        words.append(f"{tagged.had:,} had it already.")
    if tagged.full:
        words.append(f"{tagged.full:,} can have no more tags.")
    return " ".join(words)
