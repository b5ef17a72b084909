"""The library of pictures: upload, describe, crop, find, and where each is used."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.authoring.pictures import library
from mailer.authoring.pictures.shaping import LARGEST, Crop, shape
from mailer.authoring.pictures.store import PictureFolder
from mailer.errors import NotAllowed
from mailer.models import Power
from mailer.web import forms
from mailer.web.front.bounds import largest
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("pictures", __name__, url_prefix="/library/pictures")
_PAGE: Final = 48
_ROOM_FOR_FIELDS: Final = 64 * 1024
_RATIOS: Final = {"3:2": 3 / 2, "16:9": 16 / 9, "1:1": 1.0, "60:17": 60 / 17}


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str = forms.text(longest=200, cut=True)


@dataclass(frozen=True, slots=True)
class _Described:
    words: str = forms.text(longest=2_000)
    decoration: bool = False


@dataclass(frozen=True, slots=True)
class _Cropped:
    ratio: str = forms.choice(*_RATIOS)
    across: int | None = forms.number(most=100)
    down: int | None = forms.number(most=100)


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every picture, the newest first."""
    return _list()


@blueprint.post("/")
@policy(Power.CONTRIBUTOR)
@largest(LARGEST + _ROOM_FOR_FIELDS)
@reading
def add() -> ResponseReturnValue:
    """Take a file in as a picture; decoding it keeps nobody else from writing."""
    sent, called = forms.upload("file")
    form, _ = forms.read(_Described)
    if sent is None:
        return _list(form, "Choose a file first."), 422
    try:
        shaped = shape(sent.stream.read(LARGEST + 1))
    except NotAllowed as refusal:
        return _list(form, str(refusal)), 422
    write_from_now_on()
    try:
        picture = library.add(
            session(),
            _store(),
            shaped,
            called=called,
            words=form.words,
            is_decoration=form.decoration,
            actor=acting(),
            now=this_mailer().clock(),
        )
    except NotAllowed as refusal:
        return _list(form, str(refusal)), 422
    flash(f"“{picture.called}” is in the library. {shaped.said}".strip(), "success")
    return redirect(url_for("pictures.show", picture_id=picture.id))


@blueprint.get("/<int:picture_id>")
@policy(Power.VIEWER)
def show(picture_id: int) -> ResponseReturnValue:
    """One picture: what it shows, its address, its crops, and the issues that show it."""
    return _one(picture_id)


@blueprint.post("/<int:picture_id>")
@policy(Power.CONTRIBUTOR)
def describe(picture_id: int) -> ResponseReturnValue:
    """Say what it shows."""
    picture, (form, problems) = library.find(session(), picture_id), forms.read(_Described)
    if not form.words and not form.decoration:
        problems = [("words", "Say what the picture shows, or tick that it is decoration.")]
    if problems:
        return _one(picture_id, form, problems), 422
    try:
        library.describe(
            session(),
            picture,
            words=form.words,
            is_decoration=form.decoration,
            actor=acting(),
            now=this_mailer().clock(),
        )
    except NotAllowed as refusal:
        return _one(picture_id, form, [("words", str(refusal))]), 422
    flash("Saved.", "success")
    return redirect(url_for("pictures.show", picture_id=picture_id))


@blueprint.post("/<int:picture_id>/crop")
@policy(Power.CONTRIBUTOR)
def crop(picture_id: int) -> ResponseReturnValue:
    """A part of it as a picture of its own."""
    picture, (form, problems) = library.find(session(), picture_id), forms.read(_Cropped)
    if problems:
        return _one(picture_id, problems=problems), 422
    part = Crop(
        _RATIOS[form.ratio],
        50 if form.across is None else form.across,
        50 if form.down is None else form.down,
    )
    try:
        made = library.crop(
            session(), _store(), picture, part, actor=acting(), now=this_mailer().clock()
        )
    except NotAllowed as refusal:
        return _one(picture_id, problems=[("ratio", str(refusal))]), 422
    flash("The part is a picture of its own. The whole stays as it is.", "success")
    return redirect(url_for("pictures.show", picture_id=made.id))


def _store() -> PictureFolder:
    return PictureFolder(this_mailer().settings.pictures_dir)


def _list(form: _Described | None = None, problem: str = "") -> str:
    asked, page = forms.asked(_Asked), forms.page()
    pictures, total = library.search(session(), asked.text, page=page, per_page=_PAGE)
    return render_template(
        "admin/newsletters/pictures.html",
        pictures=pictures,
        total=total,
        text=asked.text,
        page=page,
        per_page=_PAGE,
        url=lambda number: url_for("pictures.show_all", text=asked.text or None, page=number),
        edits=may(Power.CONTRIBUTOR),
        form=form or _Described(),
        problem=problem,
        failed=bool(problem),
    )


def _one(
    picture_id: int, form: _Described | None = None, problems: forms.Problems | None = None
) -> str:
    picture = library.find(session(), picture_id)
    return render_template(
        "admin/newsletters/picture.html",
        picture=picture,
        uses=library.uses(session(), picture),
        edits=may(Power.CONTRIBUTOR),
        form=form or _Described(picture.words, picture.is_decoration),
        problems=problems or [],
        wrong=dict(problems or []),
        ratios=[(each, each) for each in _RATIOS],
        failed=bool(problems),
    )
