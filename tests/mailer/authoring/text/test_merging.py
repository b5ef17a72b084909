"""Merge fields and Markdown-lite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.text.markdown import Break, Close, Open, events, links, wrong_with
from mailer.authoring.text.merging import MergeField, pieces, split


def test_a_line_is_cut_at_its_merge_fields() -> None:
    cut = pieces("Dear {{ first_name | my friend }}, {one} {% two %} }}")

    assert cut == ["Dear ", MergeField("first_name", "my friend"), ", {one} {% two %} }}"]


@given(st.text("{}|ab_first_name\n ", max_size=60))
def test_nothing_is_lost_where_a_field_cannot_be_used(text: str) -> None:
    cut, wrong = split(text)

    if wrong:
        assert "".join(piece for piece in cut if isinstance(piece, str)) or not cut
    if not any(isinstance(piece, MergeField) for piece in cut):
        assert "".join(str(piece) for piece in cut) == text


def test_markdown_is_paragraphs_headings_emphasis_links_and_lists() -> None:
    read = list(events("### One\n\n**two** *three*\nfour\n\n- [five](https://a.example)"))

    assert read[:3] == [Open("h"), "One", Close("h")]
    assert Open("strong") in read
    assert Open("em") in read
    assert Break() in read
    assert Open("a", url="https://a.example") in read


def test_everything_else_is_plain_text() -> None:
    text = "<b>x</b> ![y](https://a.example/p.png) `z` | & &amp; _ https://b.example"

    sentence = [event for event in events(text) if isinstance(event, str)]

    assert "".join(sentence).startswith("<b>x</b> !")
    assert "`z` | & &amp; _ https://b.example" in "".join(sentence)


@pytest.mark.parametrize(
    ("text", "url", "rest"),
    [
        ("See https://a.example/x.", "https://a.example/x", "."),
        ("(https://a.example/x_(y))", "https://a.example/x_(y)", ")"),
        ("https://a.example/?x=1&amp;y=2, then", "https://a.example/?x=1&amp;y=2", ", then"),
        ("Ask jo.ford@a.example!", "mailto:jo.ford@a.example", "!"),
    ],
)
def test_an_address_that_stands_by_itself_is_a_link(text: str, url: str, rest: str) -> None:
    read = list(events(text))

    opened = read.index(Open("a", url=url))
    assert read[opened + 1 : opened + 4] == [url.removeprefix("mailto:"), Close("a"), rest]


@pytest.mark.parametrize("text", ["http://", "https://[", "a@b", "x@", "@x.example", "https://)"])
def test_what_is_no_address_stays_text(text: str) -> None:
    assert list(links(text)) == []


def test_an_address_stays_as_it_was_typed() -> None:
    assert list(links("[a](https://a.example/?x=1&amp;y=2&copy=3)")) == [
        ("https://a.example/?x=1&amp;y=2&copy=3", "a")
    ]


def test_a_title_of_a_link_is_not_taken_for_one_and_lost() -> None:
    read = [event for event in events('[a](https://a.example "read me")') if event]

    assert '"read me"' in "".join(str(event) for event in read if isinstance(event, str))


def test_what_could_not_be_shown_has_a_sentence() -> None:
    def deep(levels: int) -> str:
        return "\n".join(f"{'  ' * level}- item {level}" for level in range(levels))

    assert list(wrong_with(deep(5))) == []
    assert "5 levels" in " ".join(wrong_with(deep(6)))
    assert "5 levels" in " ".join(wrong_with("- " * 20_000 + "end"))
    assert "5 levels" in " ".join(wrong_with("> " * 6 + "end"))
    assert "struck through" in " ".join(wrong_with("This is ~~not~~ so."))
    assert "as a list" in " ".join(wrong_with("a | b\n--|--\n1 | 2"))
    assert list(wrong_with("A line\n\n---\n\nTwo ~ tildes ~~ and a | bar")) == []


def test_a_merge_field_is_one_opaque_word_to_markdown() -> None:
    read = list(events("**{{first_name|my *dear* [friend](x)}}**"))

    assert MergeField("first_name", "my *dear* [friend](x)") in read
    assert not [event for event in read if isinstance(event, Open) and event.tag in ("em", "a")]


def test_links_have_a_text() -> None:
    found = list(links("See [the *whole* {{name|thing}}](https://a.example) and [b](tel:1)."))

    assert found == [("https://a.example", "the whole thing"), ("tel:1", "b")]
