"""Texts of system mails: ``templates/email/<what happened>/`` has a subject, a text and a layout.

``text.txt`` is paragraphs with empty lines between them. The one that is ``[words](address)`` is
the button; what stands behind it closes the mail. A paragraph that comes out empty is left out.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from mailer.authoring.text.characters import one_line
from mailer.composition.letter import SystemMailText

_TEMPLATES: Final = Path(__file__).parents[2] / "templates" / "email"
_ACTION: Final = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
# Plain text: nothing in it is markup, so nothing is escaped.
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=False,  # noqa: S701  # the HTML part is made from marks, never from this
    undefined=StrictUndefined,
)


def system_text(what_happened: str, **values: str) -> SystemMailText:
    """The words of the mail about ``what_happened``, the name of a folder of templates.

    Each value fills the place of its name, in one line whatever is in it.
    """
    filled = {name: one_line(value) for name, value in values.items()}
    subject, before, action, after = _templates(what_happened)
    button_text, url = action
    return SystemMailText(
        subject=_fill(subject, filled),
        paragraphs=_filled(before, filled),
        button_words=_fill(button_text, filled),
        button_url=_fill(url, filled),
        closing=" ".join(_filled(after, filled)),
        template=what_happened,
    )


@lru_cache(maxsize=64)
def _templates(
    name: str,
) -> tuple[Template, tuple[Template, ...], tuple[Template, Template], tuple[Template, ...]]:
    """The subject, the paragraphs before the button, its words and address, those behind it."""
    folder = _TEMPLATES / name
    compiled = _ENVIRONMENT.from_string
    paragraphs = re.split(r"\n\s*\n", (folder / "text.txt").read_text("utf-8").strip())
    (place, action), *others = (
        (place, found)
        for place, each in enumerate(paragraphs)
        if (found := _ACTION.fullmatch(each.strip()))
    )
    assert not others, f"{name} has more than one button"
    return (
        compiled((folder / "subject.txt").read_text("utf-8").strip()),
        tuple(map(compiled, paragraphs[:place])),
        (compiled(action[1]), compiled(action[2])),
        tuple(map(compiled, paragraphs[place + 1 :])),
    )


def _filled(templates: Sequence[Template], values: dict[str, str]) -> tuple[str, ...]:
    rendered = (_fill(each, values) for each in templates)
    return tuple(each for each in rendered if each)


def _fill(template: Template, values: dict[str, str]) -> str:
    return one_line(template.render(values))
