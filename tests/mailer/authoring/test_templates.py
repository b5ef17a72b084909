"""What a template says of its blocks: locked ones, and what becomes of those nobody writes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.blocks.base import LEAVE_OUT, MUST_WRITE
from mailer.authoring.document import beginning_of, parse, read, to_json
from mailer.authoring.locks import broken_lock
from mailer.errors import DocumentError

_TEXT = {"id": "t", "type": "text", "text": "Words"}
_CHAIR = {
    "id": "c",
    "type": "chairs_message",
    "greeting": "Dear member,",
    "name": "Ada",
    "role": "Chair",
}
_STORY = {"id": "s", "type": "story"}


def begun(*blocks: dict[str, Any]) -> dict[str, Any]:
    document, problems = read({"version": 1, "blocks": list(blocks)})
    assert problems == []
    made = tuple(
        replace(each, began_as=beginning_of(each)) if each.if_unwritten else each
        for each in document.blocks
    )
    return to_json(replace(document, blocks=made))


def with_words(document: dict[str, Any], block_id: str, **words: str) -> dict[str, Any]:
    blocks = [each | words if each["id"] == block_id else each for each in document["blocks"]]
    return {"version": 1, "blocks": blocks}


def test_a_block_that_nobody_wrote_is_left_out_where_its_template_says_so() -> None:
    document = begun(_TEXT, {**_STORY, "if_unwritten": LEAVE_OUT})

    assert [each.id for each in parse(document).blocks] == ["t"]


def test_a_block_that_somebody_began_to_write_is_never_left_out() -> None:
    document = begun(_TEXT, {**_STORY, "if_unwritten": LEAVE_OUT})

    with pytest.raises(DocumentError) as raised:
        parse(with_words(document, "s", headline="Half a story"))
    assert {each.block for each in raised.value.problems} == {"s"}


def test_a_block_that_needs_nothing_written_goes_out_as_the_template_has_it() -> None:
    document = begun({**_TEXT, "if_unwritten": LEAVE_OUT})

    assert [each.id for each in parse(document).blocks] == ["t"]


def test_a_block_that_has_to_be_written_holds_the_issue_back_until_it_is() -> None:
    document = begun(_TEXT, {**_CHAIR, "text": "Write here.", "if_unwritten": MUST_WRITE})

    with pytest.raises(DocumentError, match="the template asks for it"):
        parse(document)
    assert len(parse(with_words(document, "c", text="A mild winter.")).blocks) == 2


def test_what_a_block_says_to_those_who_write_it_changes_nothing_of_that() -> None:
    document = begun(_TEXT, {**_STORY, "if_unwritten": LEAVE_OUT})

    noted = with_words(document, "s", note="Ask Aldmor for this one")

    assert [each.id for each in parse(noted).blocks] == ["t"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("note", 3),
        ("note", "x" * 501),
        ("locked", "yes"),
        ("if_unwritten", "burn"),
        ("began_as", "<script>"),
    ],
)
def test_what_a_template_can_not_say_is_refused_with_a_sentence(name: str, value: object) -> None:
    _, problems = read({"version": 1, "blocks": [{**_TEXT, name: value}]})

    assert [(each.field, each.block) for each in problems] == [(name, "t")]


_LOCKED = {
    "id": "l",
    "type": "button",
    "words": "Join us",
    "url": "https://a.example/",
    "locked": True,
}
_OTHER = {"id": "k", "type": "quote", "quote": "Well", "speaker": "Bo", "locked": True}


@pytest.mark.parametrize(
    "after",
    [
        [_TEXT],
        [_TEXT, {**_LOCKED, "words": "Leave"}, _OTHER],
        [_TEXT, {**_LOCKED, "locked": False}, _OTHER],
        [_OTHER, _LOCKED, _TEXT],
        [_TEXT, {**_LOCKED, "id": "x"}, _OTHER],
    ],
)
def test_a_locked_block_is_not_changed_taken_out_unlocked_or_moved(after: list[Any]) -> None:
    before = {"version": 1, "blocks": [_TEXT, _LOCKED, _OTHER]}

    sentence = broken_lock(before, {"version": 1, "blocks": after})

    assert sentence is not None
    assert "comes from the template" in sentence


@given(st.permutations(["a", "b", "c"]), st.text(max_size=20))
def test_everything_around_locked_blocks_may_change(order: list[str], words: str) -> None:
    free = [{"id": each, "type": "text", "text": words} for each in order]
    before = {"version": 1, "blocks": [_LOCKED, _TEXT, _OTHER]}

    assert (
        broken_lock(before, {"version": 1, "blocks": [free[0], _LOCKED, *free[1:], _OTHER]}) is None
    )
