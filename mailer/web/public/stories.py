"""The form of whoever was asked for a story: by their own link, without an account.

Looking changes nothing, since mail scanners follow every link. The link alone says whose story it
is, so the form needs no cookie and no token against other sites. What can't be taken as it is stays
in the form, pictures too: they wait in the store for a day, under names that nobody can guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue

from mailer.authoring.pictures.shaping import LARGEST, shape, shaped_before
from mailer.authoring.pictures.store import PictureFolder
from mailer.errors import FormError, NotAllowed
from mailer.gathering.stories import answering, links
from mailer.gathering.stories.answering import AnswerStanding, SentPhoto, StoryAnswer
from mailer.gathering.stories.request_mail import sender_of
from mailer.models import StoryAsk
from mailer.web import forms, limits
from mailer.web.auth import csrf
from mailer.web.front.bounds import largest
from mailer.web.limits import visits
from mailer.web.network import local_now
from mailer.web.policy import public
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("stories", __name__)
_WHOLE: Final = LARGEST + 256 * 1024  # octets of all pictures and words together
_NUMBERS: Final = range(1, answering.PICTURES + 1)


@dataclass(frozen=True, slots=True)
class _Story:
    headline: str = forms.text(longest=answering.LONGEST_HEADLINE)
    text: str = forms.text(longest=answering.LONGEST_TEXT, lines=True)
    link: str = forms.text(longest=2_000)
    may_be_named: str = forms.text(longest=answering.LONGEST_NAMES)
    publish: bool = False
    alt1: str = forms.text(longest=answering.LONGEST_ALT)
    alt2: str = forms.text(longest=answering.LONGEST_ALT)
    alt3: str = forms.text(longest=answering.LONGEST_ALT)
    kept1: str = forms.text(longest=48)
    kept2: str = forms.text(longest=48)
    kept3: str = forms.text(longest=48)


@blueprint.get("/story/<token>")
@public
def form(token: str) -> ResponseReturnValue:
    """The form: empty, or with the draft as they left it."""
    asked = _asked(token)
    return _form(token, asked, _own_draft(asked))


@blueprint.post("/story/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF leaves it unannotated
@public
@largest(_WHOLE)
@visits("60/hour")
@reading
def send(token: str) -> ResponseReturnValue:
    """Keep the story as a draft, and say thanks."""
    asked = _asked(token, uses=True)
    typed, problems = forms.read(_Story)
    photos, wrong = _photos(typed)
    given = StoryAnswer(
        typed.headline,
        typed.text,
        typed.link,
        typed.may_be_named,
        typed.publish,
        tuple(photos.values()),
    )
    store = _store()
    named = {name for name, _ in [*problems, *wrong]}
    problems = [
        *problems,
        *wrong,
        *((name, said) for name, said in _problems(given, photos) if name not in named),
    ]
    if problems:
        return _form(token, asked, _with_pictures(typed, photos, store), problems), 422
    write_from_now_on()
    asked = _found(token, lock=True)
    try:
        answering.answer(session(), asked, given, store, now=this_mailer().clock())
    except NotAllowed as refusal:
        return _form(token, asked, typed, [("", str(refusal))]), 422
    except FormError as error:
        return _form(token, asked, _with_pictures(typed, photos, store), error.problems), 422
    return render_template(
        "public/story_thanks.html", token=token, asked=asked, open_until=_until(asked)
    )


@blueprint.post("/story/<token>/nothing")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
@visits("60/hour")
def decline(token: str) -> ResponseReturnValue:
    """Nothing this time."""
    asked = _asked(token, uses=True)
    answering.decline(session(), asked, now=this_mailer().clock())
    return render_template(
        "public/story_declined.html", token=token, asked=asked, open_until=_until(asked)
    )


def _asked(token: str, *, uses: bool = False) -> StoryAsk:
    """Who was asked; the request ends for a link that is not ours, or not open any more."""
    if not links.is_ours(token, tokens=this_mailer().tokens):
        limits.guessed("link to a form for stories")
        abort(_unknown())
    if uses:
        limits.used("link to a form for stories", token)
    asked = _found(token)
    if not links.is_open(asked.request, local_now().date()):
        abort(_over(asked))
    return asked


def _found(token: str, *, lock: bool = False) -> StoryAsk:
    return links.ask_of(session(), token, tokens=this_mailer().tokens, lock=lock) or abort(
        _unknown()
    )


def _store() -> PictureFolder:
    return PictureFolder(this_mailer().settings.pictures_dir)


def _until(asked: StoryAsk) -> object:
    return links.ends_on(asked.request)


def _photos(typed: _Story) -> tuple[dict[int, SentPhoto], forms.Problems]:
    """The pictures of the form by their places: those that came now, and those that came with it
    before."""
    store = _store()
    found: dict[int, SentPhoto] = {}
    problems: forms.Problems = []
    for number in _NUMBERS:
        words, kept = getattr(typed, f"alt{number}"), getattr(typed, f"kept{number}")
        file, called = forms.upload(f"picture{number}")
        try:
            if file is not None:
                shaped = shape(file.stream.read(LARGEST + 1))
                found[number] = SentPhoto(shaped, called, words)
            elif kept and (content := store.read(kept)) is not None:
                found[number] = SentPhoto(shaped_before(content), kept, words)
        except NotAllowed as refusal:
            problems.append((f"picture{number}", str(refusal)))
    return found, problems


def _problems(given: StoryAnswer, photos: Mapping[int, SentPhoto]) -> forms.Problems:
    """The problems by the fields of the form: pictures have places of their own there."""
    places = {f"alt{n}": f"alt{place}" for n, place in enumerate(photos, 1)}
    return [(places.get(name, name), said) for name, said in answering.problems(given)]


def _with_pictures(typed: _Story, photos: Mapping[int, SentPhoto], store: PictureFolder) -> _Story:
    kept: dict[str, Any] = {
        f"kept{number}": store.put(each.shaped.content, each.shaped.extension)
        for number, each in photos.items()
    }
    return replace(typed, **kept)


def _own_draft(asked: StoryAsk) -> _Story:
    if answering.standing(session(), asked) is not AnswerStanding.OWN_DRAFT:
        return _Story()
    assert asked.item is not None
    said: Mapping[str, Any] = asked.item.fields
    pictures = list(enumerate(asked.answer.get("pictures", [])[: answering.PICTURES], 1))
    shown: dict[str, Any] = {f"alt{n}": each["words"] for n, each in pictures}
    shown |= {f"kept{n}": each["image"].removeprefix("/pictures/") for n, each in pictures}
    return _Story(
        headline=str(said.get("headline", "")),
        text=str(said.get("text", "")),
        link=str(said.get("link", "")),
        may_be_named=str(asked.answer.get("may_be_named", "")),
        publish=bool(asked.answer.get("publish")),
        **shown,
    )


def _form(
    token: str, asked: StoryAsk, typed: _Story, problems: forms.Problems | None = None
) -> str:
    return render_template(
        "public/story.html",
        token=token,
        asked=asked,
        typed=typed,
        standing=answering.standing(session(), asked).value,
        pictures=[(n, getattr(typed, f"kept{n}"), getattr(typed, f"alt{n}")) for n in _NUMBERS],
        paragraphs=[each for each in asked.request.words.split("\n\n") if each.strip()],
        open_until=_until(asked),
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
    )


def _over(asked: StoryAsk) -> Response:
    sender = sender_of(session(), asked.request.campaign_id)
    page = render_template(
        "public/story_over.html", asked=asked, ended_on=_until(asked), sender=sender
    )
    return make_response(page, 410)


def _unknown() -> Response:
    return make_response(render_template("public/story_unknown.html"), 404)
