"""Merge fields and Markdown-lite."""

from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.text.markdown import Break, Close, Open, events, links
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
    text = "<b>x</b> ![y](https://a.example/p.png) `z` | & &amp; https://b.example"

    sentence = [event for event in events(text) if isinstance(event, str)]

    assert "".join(sentence).startswith("<b>x</b> !")
    assert "`z` | & &amp; https://b.example" in "".join(sentence)


def test_a_merge_field_is_one_opaque_word_to_markdown() -> None:
    read = list(events("**{{first_name|my *dear* [friend](x)}}**"))

    assert MergeField("first_name", "my *dear* [friend](x)") in read
    assert not [event for event in read if isinstance(event, Open) and event.tag in ("em", "a")]


def test_links_have_a_text() -> None:
    found = list(links("See [the *whole* {{name|thing}}](https://a.example) and [b](tel:1)."))

    assert found == [("https://a.example", "the whole thing"), ("tel:1", "b")]
