"""The forms of blocks: each field of each kind can be written, kept and read again."""

import re
from typing import Any

import pytest

from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import FieldKind
from mailer.bootstrap import Mailer
from mailer.models import Campaign
from tests.factories import Cast, a_campaign
from tests.mailer.composition.samples import filled
from tests.mailer.web.browser import Browser, visible_text


@pytest.fixture
def page(mailer: Mailer, cast: Cast) -> str:
    document = {"version": 1, "blocks": [{"id": "a", "type": "text", "text": "Words."}]}
    with mailer.database.writing() as session:
        return f"/issues/members-update/{a_campaign(session, cast.newsletter, document).slug}"


def blocks_of(mailer: Mailer) -> list[dict[str, Any]]:
    with mailer.database.reading() as session:
        found: list[dict[str, Any]] = session.get_one(Campaign, 1).document["blocks"]
        return found


@pytest.mark.parametrize("kind", BLOCK_TYPES.values(), ids=lambda kind: kind.name)
def test_whatever_is_written_into_a_blocks_form_is_kept(
    mailer: Mailer, page: str, editor: Browser, kind: Any
) -> None:
    editor.submit(f"{page}/compose", {"type": kind.name}, to=f"{page}/compose/add")
    (block,) = [each for each in blocks_of(mailer) if each["type"] == kind.name][-1:]
    values = {field.name: filled(field) for field in kind.fields}
    if "numbers" in values:
        values["numbers"] = "typed"
    form: dict[str, Any] = {}
    for field in kind.fields:
        value = values[field.name]
        if field.kind is FieldKind.ITEMS:
            for row, item in enumerate(value):
                form[f"{field.name}-rows"] = str(len(value))
                form |= {f"{field.name}-{row}-{name}": said for name, said in item.items()}
        elif value is not None:
            form[field.name] = "yes" if value is True else value

    opened, to = f"{page}/compose?open={block['id']}", f"{page}/compose/{block['id']}"
    answer = editor.submit(opened, form, to=to, follow=False)

    assert answer.status_code == 302
    kept = next(each for each in blocks_of(mailer) if each["id"] == block["id"])
    defaults = {field.name: field.choices[0][0] for field in kind.fields if field.choices}
    for name, value in values.items():
        if value and value != defaults.get(name):
            assert kept[name] == value, name
    shown = editor.get(opened).text
    for field in kind.fields:
        if field.parts:
            assert f"Another {field.noun}" in shown


def test_a_block_that_an_issue_has_once_is_not_offered_again(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    editor.submit(f"{page}/compose", {"type": "contents"}, to=f"{page}/compose/add")

    shown = editor.get(f"{page}/compose").text

    assert re.search(r'<button[^>]*value="contents"[^>]*disabled', shown)
    assert not re.search(r'<button[^>]*value="quote"[^>]*disabled', shown)


def test_the_masthead_stays_and_the_page_says_so(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    editor.submit(f"{page}/compose", {"type": "masthead"}, to=f"{page}/compose/add")
    block_id = blocks_of(mailer)[0]["id"]

    answer = editor.submit(f"{page}/compose", to=f"{page}/compose/{block_id}/remove")

    assert answer.status_code == 409
    assert "Every issue has a masthead, so it can’t be removed." in visible_text(answer)
    assert blocks_of(mailer)[0]["type"] == "masthead"


def test_text_is_shown_in_its_one_spelling_with_how_to_write_it(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    form = {"version": "1", "text": "* soup\n* __bread__"}
    editor.submit(f"{page}/compose/a", form)

    shown = editor.get(f"{page}/compose/a")

    assert "- soup\n- **bread**</textarea>" in shown.text
    assert "{{organisation|words for those without}}" in visible_text(shown)
    assert blocks_of(mailer)[0]["text"] == "* soup\n* __bread__"
