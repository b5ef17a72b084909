"""Text in its one spelling reads as it did, and is spelled so again."""

import unicodedata
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.authoring.text.characters import JOINER, many_lines
from mailer.authoring.text.markdown import Break, Close, Open, events, links, written
from mailer.authoring.text.merging import MergeField, split
from mailer.authoring.text.spelling import spelled

_PIECES: Final = [
    *("*", "**", "***", "_", "__", "a", "b", "word", "“q”", '"', ".", "1.", "2)", " ", "  "),
    *("\n", "\n\n", "\n  ", "\n- ", "\n  - ", "\n    ", "> ", "\n> ", "\n>", "### ", "\n# "),
    *("#", " #", "\\", "\\\n", "[", "]", "(", ")", "](", "<", ">", "{", "|", "}}", "{{", "!"),
    *("{{first_name|dear *x*}}", "{{first_name}}", "{{nobody|x}}", "[a](https://x.example)"),
    *("\xa0", "é", "☃", "$", "-", "+", "* ", "\n1. ", "\n   ", "\n\n    b", "a_b", "&amp;"),
    *("https://e.example/a_b*c", "[{{name|me}}](<https://x.example/a b>)", "\n10) "),
]
TEXTS: Final = st.lists(st.sampled_from(_PIECES), max_size=14).map(
    lambda pieces: many_lines("".join(pieces))
)


def _is_wide(what: object) -> bool:
    return what == "\n" or (
        isinstance(what, str) and (what in "\t \u2028\u2029" or unicodedata.category(what) == "Zs")
    )


def _run(leaves: list[tuple[Any, frozenset[Any]]]) -> list[tuple[Any, frozenset[Any]]]:
    """Characters and fields, each with its marks; spaces are seen between words only, unmarked."""
    kept: list[tuple[Any, frozenset[Any]]] = []
    for what, marks in leaves:
        if what == "\n":
            while kept and _is_wide(kept[-1][0]) and kept[-1][0] != "\n":
                kept.pop()
        if _is_wide(what) and (not kept or (kept[-1][0] == "\n" and what != "\n")):
            continue
        kept.append((what, frozenset() if _is_wide(what) else marks))
    while kept and _is_wide(kept[-1][0]):
        kept.pop()
    seen: dict[int, int] = {}
    return [
        (
            what,
            frozenset(
                (tag, which and seen.setdefault(which, len(seen)), url) for tag, which, url in marks
            ),
        )
        for what, marks in kept
    ]


def meaning(text: str) -> list[Any]:
    """What a reader gets: blocks, and words with their marks. Marks around nothing are nothing."""
    found: list[Any] = []
    marks: list[Any] = []
    leaves: list[Any] = []
    number = 0
    for event in written(text):
        if isinstance(event, Open | Close) and event.tag in ("strong", "em", "a"):
            if isinstance(event, Open):
                number += 1
                marks.append((event.tag, number if event.tag == "a" else 0, event.url))
            else:
                marks.pop()
        elif isinstance(event, Open):
            found.append((event.tag, event.start, event.tight))
        elif isinstance(event, Close) and event.tag in ("p", "h"):
            opened = found.pop()
            words = _run(
                [
                    ((" " if what == "\n" and event.tag == "h" else what), has)
                    for what, has in leaves
                ]
            )
            found += [(*opened, words)] if words else []
            leaves = []
        elif isinstance(event, Close):
            found.append(event.tag)
        elif isinstance(event, str):
            leaves += [(character, frozenset(marks)) for character in event]
        else:
            leaves.append(("\n" if isinstance(event, Break) else event, frozenset(marks)))
    return found


def _has_empty_block(text: str) -> bool:
    words = True
    for event in written(text):
        if isinstance(event, Open) and event.tag in ("p", "h"):
            words = False
        elif isinstance(event, Close) and event.tag in ("p", "h") and not words:
            return True
        elif isinstance(event, MergeField) or (isinstance(event, str) and event.strip()):
            words = True
    return False


def _without_tightness(found: list[Any]) -> list[Any]:
    return [(each[:2], each[3:]) if isinstance(each, tuple) else each for each in found]


@settings(max_examples=1500)
@given(TEXTS)
def test_the_one_spelling_of_a_text_reads_as_the_text(text: str) -> None:
    spelling = spelled(text)

    assert spelled(spelling) == spelling
    if _has_empty_block(text):  # it goes, and with it perhaps what kept two blocks apart
        assert _without_tightness(meaning(spelling)) == _without_tightness(meaning(text))
    else:
        assert meaning(spelling) == meaning(text)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("* one\n* two", "- one\n- two"),
        ("1) one\n2) two", "1. one\n2. two"),
        ("# Heading #", "### Heading"),
        ("__bold__ and _italic_", "**bold** and *italic*"),
        ("snake_case, 2 * 3 and [x]", "snake_case, 2 \\* 3 and \\[x\\]"),
        ("Hello  \nthere", "Hello\nthere"),
        ("2026\\. It was a year", "2026\\. It was a year"),
        ("[a]( <https://x.example/a b> )", "[a](<https://x.example/a b>)"),
        ("{{ first_name | friend }}", "{{first_name|friend}}"),
        (
            "Write to https://x.example/a_b or a@b.example.",
            "Write to https://x.example/a_b or a@b.example.",
        ),
    ],
)
def test_ways_to_write_the_same_have_one_spelling(text: str, spelling: str) -> None:
    assert spelled(text) == spelling


def test_a_mark_beside_a_joiner_holds_where_it_would_not_by_itself() -> None:
    text = f"**“Yes”{JOINER}**es"

    assert list(events(text))[1:-1] == [Open("strong"), "“Yes”", Close("strong"), "es"]
    assert spelled(text) == text


def test_a_field_that_cannot_be_used_stays_wrong() -> None:
    assert split(spelled("Dear {{nickname|friend}}"))[1] == split("Dear {{nickname|friend}}")[1]


def test_an_address_in_brackets_keeps_its_fields() -> None:
    text = "[page](<https://x.example/?of={{first_name|a friend}}>)"

    assert list(links(spelled(text))) == list(links(text))
    assert MergeField("first_name", "a friend") not in list(events(text))
