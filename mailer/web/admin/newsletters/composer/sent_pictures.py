"""Files that the form of a block brings for its fields of pictures: beside each field one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mailer.authoring.pictures import library
from mailer.authoring.pictures.shaping import LARGEST, ShapedPicture, shape
from mailer.authoring.pictures.store import PictureFolder
from mailer.errors import NotAllowed
from mailer.web import forms
from mailer.web.policy import acting
from mailer.web.transactions import session, this_mailer

FILE = "-file"  # what the file field of a picture is called after the picture's own


@dataclass(frozen=True, slots=True)
class AwaitedPicture:
    """What stands for the value of a picture's field for which a file was sent."""

    typed: str
    upload: str  # the name of the file's field


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture that was sent, and the way to its value: field, or field, row and part."""

    shaped: ShapedPicture
    called: str
    path: tuple[str | int, ...]
    field: str  # the name of its field in the form


def typed_or_sent(name: str, typed: str) -> str | AwaitedPicture:
    """What a field of a picture holds, marked if a file was sent for it."""
    upload = f"{name}{FILE}"
    return AwaitedPicture(typed, upload) if forms.upload(upload)[0] is not None else typed


def sent_pictures(values: dict[str, Any]) -> tuple[list[SentPicture], forms.Problems]:
    """The files of a form, decoded, and what is wrong with those that are no pictures.

    What was typed beside a file takes its place in ``values`` again.
    """
    sent: list[SentPicture] = []
    problems: forms.Problems = []
    for path, awaited in list(_awaited(values)):
        _put(values, path, awaited.typed)
        file, called = forms.upload(awaited.upload)
        assert file is not None  # that is why it is awaited
        try:
            shaped = shape(file.stream.read(LARGEST + 1))
            sent.append(SentPicture(shaped, called, path, awaited.upload.removesuffix(FILE)))
        except NotAllowed as refusal:
            problems.append((".".join(str(each) for each in path), str(refusal)))
    return sent, problems


def keep_pictures(sent: Sequence[SentPicture], values: dict[str, Any]) -> dict[str, str]:
    """Put the pictures into the library, and their addresses into the values of their fields; the
    addresses by the names of the form's fields."""
    kept: dict[str, str] = {}
    folder = PictureFolder(this_mailer().settings.pictures_dir)
    for each in sent:
        picture = library.add(
            session(),
            folder,
            each.shaped,
            called=each.called,
            words="",
            is_decoration=False,
            actor=acting(),
            now=this_mailer().clock(),
        )
        kept[each.field] = f"/pictures/{picture.name}"
        _put(values, each.path, kept[each.field])
    return kept


def _put(values: dict[str, Any], path: tuple[str | int, ...], value: str) -> None:
    place: Any = values
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value


def _awaited(values: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], AwaitedPicture]]:
    for name, value in values.items():
        if isinstance(value, AwaitedPicture):
            yield (name,), value
        elif isinstance(value, list):
            for place, row in enumerate(value):
                if isinstance(row, dict):
                    for path, awaited in _awaited(row):
                        yield (name, place, *path), awaited
