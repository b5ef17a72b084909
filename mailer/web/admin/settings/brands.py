"""The brand of a newsletter: colour, logos, header picture, heading face, and where it leads."""

from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from contacts.models import Newsletter
from contacts.permission.newsletters import newsletter_of
from mailer.authoring.brand import FACES, Palette, palette
from mailer.authoring.pictures import library
from mailer.authoring.pictures.shaping import LARGEST, ShapedPicture, shape
from mailer.authoring.pictures.store import PictureFolder
from mailer.campaigns import brands
from mailer.campaigns.brands import MOST_SOCIAL, BrandDetails
from mailer.errors import FormError, NotAllowed
from mailer.models import Power
from mailer.web import forms
from mailer.web.front import bounds
from mailer.web.front.bounds import largest
from mailer.web.policy import acting, policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("brands", __name__, url_prefix="/settings/brand")
_PICTURES: Final = {
    "logo_on_dark": "Logo for dark grounds",
    "logo_on_light": "Logo for light grounds",
    "header_picture": "Header picture",
}
_FACES: Final = {"georgia": "Georgia, with serifs", "plain": "Like the text, without serifs"}
_OFFERED: Final = 100  # pictures of the library, the newest


@dataclass(frozen=True, slots=True)
class _Brand:
    accent: str = forms.text(longest=7)
    face: str = forms.choice(*FACES)
    logo_on_dark: str = ""
    logo_on_light: str = ""
    header_picture: str = ""
    contact: str = ""
    website: str = ""
    archive_url: str = ""
    privacy_url: str = ""


@blueprint.get("/<slug>")
@policy(Power.ADMIN)
def edit(slug: str) -> ResponseReturnValue:
    """The form."""
    newsletter = newsletter_of(session(), slug)
    return _form(newsletter, brands.details_of(session(), newsletter))


@blueprint.post("/<slug>")
@policy(Power.ADMIN)
@largest(3 * LARGEST + bounds.FORM)
@reading
def save(slug: str) -> ResponseReturnValue:
    """Keep it, or show it again with what is in the way; files become pictures of the library."""
    form, problems = forms.read(_Brand)
    details = BrandDetails(
        accent=form.accent or BrandDetails().accent,
        face=form.face,
        logo_on_dark=form.logo_on_dark,
        logo_on_light=form.logo_on_light,
        header_picture=form.header_picture,
        contact=form.contact,
        website=form.website,
        archive_url=form.archive_url,
        privacy_url=form.privacy_url,
        social=_social(),
    )
    sent: dict[str, tuple[ShapedPicture, str]] = {}
    for name in _PICTURES:
        file, called = forms.upload(f"{name}-file")
        if file is not None:
            try:
                sent[name] = shape(file.stream.read(LARGEST + 1)), called
            except NotAllowed as refusal:
                problems.append((name, str(refusal)))
    write_from_now_on()
    newsletter = newsletter_of(session(), slug)
    if problems:
        return _form(newsletter, details, problems), 422
    now = this_mailer().clock()
    kept = {name: _kept(shaped, called) for name, (shaped, called) in sent.items()}
    details = replace(details, **kept)  # type: ignore[arg-type]  # names of pictures only
    try:
        changed = brands.change_brand(session(), newsletter, details, actor=acting(), now=now)
    except FormError as refused:
        return _form(newsletter, details, list(refused.problems)), 422
    flash("Saved." if changed else "Nothing was different.", "success")
    return redirect(url_for("brands.edit", slug=slug))


def _social() -> tuple[tuple[str, str], ...]:
    posted = forms.posted()
    rows = (
        (posted.get(f"social-{n}-words", "").strip(), posted.get(f"social-{n}-url", "").strip())
        for n in range(MOST_SOCIAL)
    )
    return tuple(row for row in rows if any(row))


def _kept(shaped: ShapedPicture, called: str) -> str:
    picture = library.add(
        session(),
        PictureFolder(this_mailer().settings.pictures_dir),
        shaped,
        called=called,
        words="",
        is_decoration=False,
        actor=acting(),
        now=this_mailer().clock(),
    )
    return f"/pictures/{picture.name}"


def _form(
    newsletter: Newsletter, details: BrandDetails, problems: forms.Problems | None = None
) -> str:
    wrong = dict(problems or [])
    empty = [("", "")] * (MOST_SOCIAL - len(details.social))
    return render_template(
        "admin/settings/brand.html",
        newsletter=newsletter,
        details=details,
        social=[*details.social, *empty],
        pictures=_PICTURES,
        faces=list(_FACES.items()),
        library=library.search(session(), "", page=1, per_page=_OFFERED)[0],
        colours=_colours(details.accent),
        problems=problems or [],
        wrong=wrong,
        failed=bool(problems),
    )


def _colours(accent: str) -> Palette | None:
    """What comes of an accent; None for one that cannot be read, which its field says."""
    try:
        return palette(accent)
    except ValueError:
        return None
