"""A story is made of what a page says of itself; nothing in a page can do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.page_story import UnreadablePage, from_page, story_at

HERE = "https://aldmor.example/news/retrofit?ref=x"


def test_a_page_says_its_title_description_picture_and_site() -> None:
    page = """<html><head><title>Ignored | Aldmor</title>
    <meta property="og:title" content="Retrofit, street by street">
    <meta property="og:description" content="Sixty-two homes &amp; one *street* meeting.">
    <meta property="og:image" content="/pictures/street.jpg">
    <meta property="og:image:alt" content="A terraced street">
    <meta property="og:site_name" content="Aldmor">
    <link rel="canonical" href="https://aldmor.example/news/retrofit"></head></html>"""

    assert from_page(page.encode(), HERE) == {
        "headline": "Retrofit, street by street",
        "text": "Sixty-two homes & one \\*street\\* meeting.",
        "kicker": "Aldmor",
        "image": "https://aldmor.example/pictures/street.jpg",
        "image_alt": "A terraced street",
        "link": "https://aldmor.example/news/retrofit",
    }


@pytest.mark.parametrize(
    ("head", "headline"),
    [
        ('<meta name="twitter:title" content="By card"><title>No</title>', "By card"),
        ("<title> By \n title &ndash; Aldmor</title>", "By title – Aldmor"),
        ("<h1>By <em>heading</em></h1>", "By heading"),
        (
            '<script type="application/ld+json">[{"@type": "Article", "name": "By data"}]</script>',
            "By data",
        ),
    ],
)
def test_a_page_is_called_by_the_first_thing_that_names_it(head: str, headline: str) -> None:
    assert from_page(head.encode(), HERE)["headline"] == headline


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("<title>Tŷ bach twt â gŵyl</title>".encode(), "text/html"),
        (
            "<title>Tŷ bach twt â gŵyl</title>".encode("iso-8859-14"),
            "text/html; charset=iso-8859-14",
        ),
        ('<meta charset="iso-8859-14"><title>Tŷ bach twt â gŵyl</title>'.encode("iso-8859-14"), ""),
        (b"\xff\xfe" + "<title>Tŷ bach twt â gŵyl</title>".encode("utf-16-le"), "text/html"),
        (b"<title>T&#375; bach twt &acirc; g&wcirc;yl</title>", "text/html; charset=nonsense"),
    ],
)
def test_welsh_arrives_in_every_encoding(content: bytes, content_type: str) -> None:
    found = from_page(content, HERE, content_type=content_type)

    assert found["headline"] == "Tŷ bach twt â gŵyl"


@pytest.mark.parametrize(
    "picture",
    ["javascript:alert(1)", "data:image/png;base64,x", "http://x.example/a.png", "https://["],
)
def test_a_picture_has_an_https_address_or_is_left_out(picture: str) -> None:
    page = f'<title>Soup</title><meta property="og:image" content="{picture}">'

    assert "image" not in from_page(page.encode(), HERE)


def test_scripts_and_styles_are_no_words() -> None:
    page = b"<script>document.title = '<title>No</title>'</script><title>Soup</title>"

    assert from_page(page, HERE)["headline"] == "Soup"


def test_what_is_long_is_cut_between_words() -> None:
    page = f'<title>{"soup " * 100}</title><meta name="description" content="{"hot " * 500}">'

    found = from_page(page.encode(), HERE)

    assert len(found["headline"]) <= 200
    assert found["text"].endswith("hot…")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_story_or_refused(content: bytes) -> None:
    try:
        found = from_page(b"<title>" + content, HERE)
    except UnreadablePage:
        return
    assert found["headline"]


def test_only_pages_are_read() -> None:
    with pytest.raises(UnreadablePage, match=r"an error \(404\)"):
        story_at(HERE, fetch=lambda _: (404, "text/html", b""))
    with pytest.raises(UnreadablePage, match="leads to a file"):
        story_at(HERE, fetch=lambda _: (200, "application/pdf", b"%PDF"))
    with pytest.raises(UnreadablePage, match="doesn’t say"):
        story_at(HERE, fetch=lambda _: (200, "text/html", b"<p>Hello"))

    found = story_at(HERE, fetch=lambda _: (200, "text/html", b"<title>Soup</title>"))

    assert found == {"headline": "Soup", "link": HERE}
