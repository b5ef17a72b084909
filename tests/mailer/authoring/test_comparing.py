"""Two texts side by side: exact for what people change, bounded for what nobody writes."""

import random
import time

import pytest

from mailer.authoring.blocks.writing import Text
from mailer.authoring.comparing import (
    ComparedField,
    How,
    compare,
    compare_documents,
    count_changes,
)
from mailer.authoring.document import Document
from mailer.authoring.word_matching import MOST_STEPS, Patience, shared, words_of


def _of(before: str, after: str) -> ComparedField:
    return compare({"subject": before}, {"subject": after})[0]


def _document(*texts: str) -> Document:
    return Document(tuple(Text(id=f"t{at}", text=text) for at, text in enumerate(texts)))


def test_words_that_changed_are_marked_and_the_others_stay() -> None:
    found = _of("Homes get warmer this winter", "Homes get much warmer this spring")

    assert found.pieces == (
        (How.SAME, "Homes get"),
        (How.ADDED, " much"),
        (How.SAME, " warmer this"),
        (How.REMOVED, " winter"),
        (How.ADDED, " spring"),
    )


def test_either_text_can_be_read_from_the_pieces() -> None:
    chance = random.Random(7)
    for _ in range(300):
        old, new = (
            "".join(
                chance.choice(("a", "b ", " c", "\n", "d")) for _ in range(chance.randint(1, 40))
            )
            for _ in range(2)
        )

        pieces = _of(old, new).pieces

        assert "".join(text for how, text in pieces if how is not How.ADDED) == old
        assert "".join(text for how, text in pieces if how is not How.REMOVED) == new


def test_one_changed_word_among_fifty_thousand_is_found() -> None:
    words = ["word"] * 50_000
    other = [*words[:25_000], "another", *words[25_001:]]

    runs = shared(words, other, Patience())

    assert [each.length for each in runs] == [25_000, 24_999]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" ".join(f"a{at}" for at in range(1_000)), " ".join(f"b{at}" for at in range(1_000))),
        ("a b " * 25_000, "b a a " * 16_000),
        ("a" * 100_000, "b" * 100_000),
        (" " * 99_999 + "a", " " * 99_998 + "b"),
        ("a " * 50_000, "a " * 49_000 + "b"),
    ],
    ids=["no word is shared", "few words, often", "one word", "spaces", "one word, often"],
)
def test_the_largest_texts_are_compared_at_once(before: str, after: str) -> None:
    started = time.process_time()

    pieces = _of(before, after).pieces

    assert time.process_time() - started < 2
    assert "".join(text for how, text in pieces if how is not How.ADDED) == before
    assert "".join(text for how, text in pieces if how is not How.REMOVED) == after


def test_all_the_blocks_of_an_issue_share_one_patience() -> None:
    old = _document(*("a b " * 500 for _ in range(200)))
    new = _document(*("b a a " * 330 for _ in range(200)))
    started = time.process_time()

    found = compare_documents(old, new)

    assert [each.how for each in found] == [How.CHANGED] * 200
    assert time.process_time() - started < 4


def test_what_patience_leaves_is_shown_as_a_whole() -> None:
    patience = Patience(steps=0)
    old, new = words_of("Start a b c end"), words_of("Start d b e end")

    runs = shared(old, new, patience)

    assert [(each.old, each.new, each.length) for each in runs] == [(0, 0, 1), (4, 4, 1)]
    assert patience.steps > -MOST_STEPS


def test_changes_of_an_issue_are_counted() -> None:
    old, new = _document("a", "b", "c"), _document("a", "c")

    counted = count_changes(old, new)

    assert counted == {How.SAME: 1, How.CHANGED: 1, How.REMOVED: 1}
