"""Documents: what is read, what is refused and in which words, and how the list is edited."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import FieldKind
from mailer.authoring.blocks.story import Story
from mailer.authoring.blocks.writing import Text
from mailer.authoring.document import (
    Document,
    add,
    check,
    check_at,
    edit,
    move,
    new_block,
    parse,
    read,
    remove,
    to_json,
)
from mailer.demo.content import december_issue
from mailer.errors import DocumentError, NotAllowed, NotFound, Problem


def problems_of(*blocks: Any, **more: Any) -> list[Problem]:
    with pytest.raises(DocumentError) as raised:
        parse({"version": 1, "blocks": list(blocks), **more})
    return raised.value.problems


def text(**fields: Any) -> dict[str, Any]:
    return {"id": "t", "type": "text", "text": "Words", **fields}


def test_the_sample_is_fit_to_be_sent_and_survives_a_round_trip() -> None:
    document = parse(december_issue())

    again = parse(to_json(document))

    assert again == document
    assert [block.type for block in document.blocks][:3] == [
        *("masthead", "contents", "chairs_message")
    ]


def test_one_block_of_text_is_a_document() -> None:
    document = parse({"version": 1, "blocks": [{"type": "text", "text": "Hello"}]})

    assert document == Document((Text(id="b1", text="Hello"),))


def test_missing_ids_are_given_the_same_ones_each_time_and_never_one_that_is_taken() -> None:
    blocks = [text(id="b2"), {"type": "text", "text": "x"}, {"type": "text", "text": "y"}]

    document = parse({"version": 1, "blocks": blocks})

    assert [block.id for block in document.blocks] == ["b2", "b3", "b4"]


def test_all_problems_are_listed_at_once_with_their_blocks() -> None:
    problems = problems_of(
        {"id": "s", "type": "story", "headline": "Retrofit, street by street", "colour": "red"},
        {"id": "z", "type": "video"},
        text(id="t", heading=7),
    )

    by_field = {(problem.block, problem.field): problem for problem in problems}
    assert by_field["s", "colour"].where == 'Story "Retrofit, street by street"'
    assert by_field["s", "text"].message == "Fill in “Text”."
    assert "no block type “video”" in by_field["z", "type"].message
    assert "as text, not as “int”" in by_field["t", "heading"].message


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "as an object"),
        ("text", "as an object"),
        (None, "as an object"),
        ({"version": 2, "blocks": [text()]}, "version to 1"),
        ({"version": True, "blocks": [text()]}, "version to 1"),
        ({"version": "1", "blocks": [text()]}, "version to 1"),
        ({"version": 1}, "as a list"),
        ({"version": 1, "blocks": {}}, "as a list"),
        ({"version": 1, "blocks": []}, "at least one block"),
        ({"version": 1, "blocks": [3]}, "each block as an object"),
        ({"version": 1, "blocks": [{}]}, "one of these types"),
        ({"version": 1, "blocks": [{"type": ["text"]}]}, "no block type"),
        ({"version": 1, "blocks": [text()], "css": ""}, "Take out “css”"),
        ({"version": 1, "blocks": [text(), text()]}, "“t” is taken"),
        ({"version": 1, "blocks": [text(id="../x")]}, "letters, digits"),
        ({"version": 1, "blocks": [text(id=3)]}, "letters, digits"),
        ({"version": 1, "blocks": [text(visible_to="full")]}, "list of categories"),
        ({"version": 1, "blocks": [text(visible_to=[])]}, "at least one category"),
        ({"version": 1, "blocks": [text(visible_to=["Full members"])]}, "is not the short name"),
        ({"version": 1, "blocks": [text(text="x" * 100_001)]}, "100,001 characters"),
        ({"version": 1, "blocks": [text(text="x" * 1_000_001)]}, "Make the document smaller"),
        ({"version": 1, "blocks": [text(id=f"t{n}") for n in range(201)]}, "Keep to 200 blocks"),
        ({"version": 1, "blocks": [{"type": "text", "text": {1, 2}}]}, "plain JSON"),
    ],
)
def test_data_that_is_no_document_is_refused_with_a_sentence(data: object, sentence: str) -> None:
    with pytest.raises(DocumentError) as raised:
        parse(data)

    assert sentence in str(raised.value)
    assert all(problem.message.endswith((".", "…")) for problem in raised.value.problems)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "example.org",
        "https://",
        "https:/example.org",
        "https://user:word@example.org/",
        "https://user@example.org/",
        "https://exa mple.org/",
        "https://example.org/\r\nBcc: x",
        'https://example.org/"onclick="x',
        "https://example.org:port/",
        "https://example.org/{{first_name|x}}",
        "mailto:",
        "ftp://example.org",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_a_field_and_in_text(url: str) -> None:
    button = {"id": "b", "type": "button", "words": "Go", "link": url}
    linked = text(text=f"[words](<{url}>)".replace("\r\n", "%0d"))

    assert [problem.field for problem in problems_of(button)] == ["link"]
    if "\r" not in url:
        assert [problem.field for problem in problems_of(linked)] == ["text"]


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://example.org/a?b=c&d#e", "mailto:a@b.example", "tel:+441"],
)
def test_the_four_schemes_are_taken(url: str) -> None:
    parse({"version": 1, "blocks": [text(text=f"[words]({url})")]})


def test_pictures_are_https_and_have_words_or_are_decoration() -> None:
    image = {"type": "image", "image": "https://img.example/a.png"}

    assert problems_of(image)[0].message.startswith("Say what the picture shows, or tick")
    assert (
        "starting with https://"
        in problems_of({**image, "image": "http://a.example", "alt": "x"})[0].message
    )
    assert parse({"version": 1, "blocks": [{**image, "decoration": True}]})


def test_a_story_with_a_picture_says_what_it_shows() -> None:
    story = {"type": "story", "headline": "A", "text": "b", "image": "https://img.example/a.png"}

    assert [problem.field for problem in problems_of(story)] == ["image_alt"]


@pytest.mark.parametrize("kind", ["masthead", "footer"])
def test_there_is_one_masthead_and_one_footer(kind: str) -> None:
    fields = {field.name: "words" for field in BLOCK_TYPES[kind].fields if field.required}
    block = {"type": kind, **fields}

    assert [problem.block for problem in problems_of(block, text(), block)] == ["b3"]


def test_events_are_checked_one_by_one() -> None:
    events = [
        {"title": "Fine", "start": "2026-12-09T10:00", "end": "2026-12-09T11:00"},
        {"title": "Odd", "start": "9 December"},
        {"title": "Backwards", "start": "2026-12-09T10:00", "end": "2026-12-09T09:00"},
        {"start": "2026-12-09", "colour": "red"},
        "nothing",
    ]

    problems = problems_of({"type": "event_list", "heading": "Soon", "events": events})

    fields = [problem.field for problem in problems]
    assert fields == [
        "events.3.colour",
        "events.4",
        "events.1.start",
        "events.2.end",
        "events.3.title",
    ]


@pytest.mark.parametrize("name", ["text", "headline", "link_words"])
def test_merge_fields_need_a_known_name_words_and_an_end(name: str) -> None:
    story = {"id": "s", "type": "story", "headline": "A", "text": "b"}

    for wrong, sentence in [
        ("{{nickname|x}}", "no merge field called “nickname”"),
        ("{{first_name}}", "{{first_name|friend}}"),
        ("{{first_name|}}", "{{first_name|friend}}"),
        ("{{first_name|friend", "Close the merge field"),
        ("{{", "Close the merge field"),
    ]:
        problems = problems_of({**story, name: wrong})
        assert [(problem.block, problem.field) for problem in problems] == [("s", name)]
        assert sentence in problems[0].message


def test_a_draft_is_read_as_far_as_it_goes() -> None:
    document, problems = read({"version": 1, "blocks": [{"type": "story"}, {"type": "x"}]})

    assert [block.type for block in document.blocks] == ["story"]
    assert len(problems) == 1
    assert {problem.field for problem in check(document)} == {"headline", "text"}


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
block = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(BLOCK_TYPES)) | json},
    optional=dict.fromkeys(
        ["id", "visible_to", "text", "heading", "link", "events", "title", "kind"], json
    ),
)


@given(st.fixed_dictionaries({"version": st.just(1), "blocks": st.lists(block | json)}) | json)
def test_any_data_is_read_or_raises_a_document_error(data: object) -> None:
    try:
        document = parse(data)
    except DocumentError:
        return

    assert parse(to_json(document)) == document


def test_blocks_are_added_edited_moved_and_removed_by_id() -> None:
    document = parse({"version": 1, "blocks": [text(id="a"), text(id="b"), text(id="c")]})

    longer = add(document, new_block("story"), after="a")
    edited = edit(longer, "b4", {"headline": "New", "visible_to": ["full"]})
    moved = move(edited, "b4", 99)
    shorter = remove(moved, "b")

    assert [block.id for block in longer.blocks] == ["a", "b4", "b", "c"]
    assert edited.blocks[1] == Story(id="b4", headline="New", visible_to=("full",))
    assert [block.id for block in moved.blocks] == ["a", "b", "c", "b4"]
    assert [block.id for block in shorter.blocks] == ["a", "c", "b4"]
    assert [block.id for block in move(shorter, "b4", 0).blocks] == ["b4", "a", "c"]


def framed(*blocks: Any) -> Document:
    head = {"id": "head", "type": "masthead", "title": "T", "date": "D"}
    foot = {"id": "foot", "type": "footer", "legal_name": "N", "postal_address": "P", "why": "W"}
    return parse({"version": 1, "blocks": [head, *blocks, foot]})


def test_the_frame_is_pinned() -> None:
    document = framed(text(id="a"), text(id="b"))

    changes: list[Callable[[], Document]] = [
        lambda: remove(document, "head"),
        lambda: remove(document, "foot"),
        lambda: move(document, "head", 2),
        lambda: move(document, "foot", 0),
        lambda: add(document, new_block("masthead")),
        lambda: add(document, new_block("footer")),
    ]
    for change in changes:
        with pytest.raises(NotAllowed, match=r"\.$"):
            change()
    for moved, order in ((move(document, "b", 0), "ba"), (move(document, "a", 9), "ba")):
        assert [block.id for block in moved.blocks] == ["head", *order, "foot"]
    longer = add(add(document, new_block("text")), new_block("text"), after="foot")
    assert [block.id for block in longer.blocks][-1] == "foot"
    without = Document(document.blocks[1:3])
    whole = add(add(without, new_block("footer"), after="a"), new_block("masthead"))
    assert [block.type for block in whole.blocks] == ["masthead", "text", "text", "footer"]


def test_an_issue_has_one_lead_story_for_each_reader() -> None:
    lead = {"type": "story", "headline": "H", "text": "T", "layout": "lead"}

    (problem,) = problems_of({**lead, "id": "one"}, {**lead, "id": "two"})
    assert (problem.block, problem.field) == ("two", "layout")
    assert problems_of(lead, {**lead, "visible_to": ["full"]})
    one, other = {**lead, "visible_to": ["full"]}, {**lead, "visible_to": ["associate"]}
    assert parse({"version": 1, "blocks": [one, other]})


def test_a_deadline_that_has_passed_is_a_problem_of_the_day_it_is_sent() -> None:
    call = {
        "type": "call",
        "what": "A call",
        "deadline": "2026-12-18T12:00",
        "contact": "us",
        "link": "https://a.example/",
        "link_words": "Apply",
    }
    document = parse({"version": 1, "blocks": [call]})

    assert check_at(document, datetime(2026, 12, 18, 11, 59, tzinfo=UTC)) == []
    (problem,) = check_at(document, datetime(2026, 12, 18, 12, 1, tzinfo=UTC))
    assert problem.field == "deadline"
    assert "has passed" in problem.message


def test_lists_within_a_block_have_a_most_and_a_least() -> None:
    column = {"text": "Words"}

    assert "2 is the fewest" in problems_of({"type": "two_columns", "columns": [column]})[0].message
    assert "Keep to 2" in problems_of({"type": "two_columns", "columns": [column] * 3})[0].message


def test_a_missing_block_is_one_sentence() -> None:
    document = parse({"version": 1, "blocks": [text(id="a")]})

    for change in (
        lambda: edit(document, "z", {}),
        lambda: move(document, "z", 0),
        lambda: remove(document, "z"),
        lambda: add(document, new_block("text"), after="z"),
        lambda: new_block("video"),
    ):
        with pytest.raises(NotFound, match=r"\.$"):
            change()


def test_an_edit_may_leave_a_block_unfinished_but_not_make_it_another() -> None:
    document = parse({"version": 1, "blocks": [text(id="a")]})

    unfinished = edit(document, "a", {"text": "", "type": "story", "id": "x"})

    assert unfinished.blocks == (Text(id="a", text=""),)
    with pytest.raises(DocumentError):
        edit(document, "a", {"headline": "x"})
    with pytest.raises(DocumentError):
        edit(document, "a", {"text": 3})


def test_every_type_describes_its_form() -> None:
    assert [kind.title for kind in BLOCK_TYPES.values()] == [
        *("Masthead", "In this issue", "Chair’s message", "Text", "Story", "Case studies"),
        *("Button", "Image", "Spotlight quote", "Event list", "Policy Lab update", "Call"),
        *("Member welcome", "Membership figures", "Poll", "Two columns", "Blog list"),
        *("Only for…", "Social links", "Divider", "Footer"),
    ]
    for kind in BLOCK_TYPES.values():
        for field in kind.fields:
            assert field.label
            assert bool(field.choices) == (field.kind is FieldKind.CHOICE)
            assert bool(field.parts) == (field.kind is FieldKind.ITEMS)


def test_hidden_and_control_characters_are_taken_out_on_the_way_in() -> None:
    written = text(heading="A\r\nB\u202ec\ud800", text="one\r\ntwo\x00\ue000")

    block = parse({"version": 1, "blocks": [written]}).blocks[0]

    assert block == Text(id="t", heading="A  Bc\ufffd", text="one\ntwo")
