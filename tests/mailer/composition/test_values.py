"""Whatever is in a name, a subject or a text, it comes out as itself and as nothing else."""

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.authoring.blocks.structure import Masthead
from mailer.authoring.blocks.writing import Text
from mailer.authoring.document import Document, parse
from mailer.authoring.text.characters import one_line
from mailer.composition.composer import Composer
from mailer.errors import DocumentError
from tests.mailer.composition.letters import TOKENS, alice, bob, composed, letter, text_document
from tests.mailer.composition.reading import html_of, parsed, soup, text_of
from tests.mailer.composition.wire import check_wire

awkward = st.text(max_size=200) | st.sampled_from(
    [
        "Siôn Llŷr ap Gruffŵdd",
        "محمد عبد الله",
        "\u202eevil\u202c",
        "👩🏽‍🌾🏴󠁧󠁢󠁷󠁬󠁳󠁿" * 20,
        "Bob\r\nBcc: everyone@example.org\r\n\r\n<script>",
        "=3D=\r\n.\r\n--=_x",
        ".",
        "From here",
        "{{first_name|x}} {% raw %} ${7*7}",
        "</title><script>alert(1)</script>",
        '" onload="x',
        "--> <![endif]--> mk000001mk",
        "a" * 400,
        "\ud800 half",
    ]
)
COMPOSER = Composer(
    letter(
        parse(
            {
                "version": 1,
                "blocks": [
                    {
                        "type": "text",
                        "heading": "To {{organisation|all}}.",
                        "text": "Dear {{first_name|friend}}, **{{name|you}}**{{last_name|x}}",
                    },
                    {
                        "type": "image",
                        "image": "https://img.example/a.png",
                        "alt": "For {{name|you}}",
                        "link": "https://a.example/",
                        "link_words": "See it",
                    },
                ],
            }
        ),
        subject="News for {{first_name|you}}",
        preview_text="Read this, {{name|you}}",
    ),
    tokens=TOKENS,
)


@given(awkward, st.booleans())
@settings(max_examples=80)
def test_a_value_comes_out_as_itself_in_every_place(value: str, counted: bool) -> None:
    recipient = alice(first_name=value, name=value, last_name=value, organisation=value)

    content = COMPOSER.compose(
        alice(first_name=value, name=value, last_name=value, organisation=value, counted=counted)
    ).content

    check_wire(content)
    shown = one_line(value)
    assert f"Dear {shown or 'friend'}, {shown or 'you'}{shown or 'x'}" in text_of(content)
    html = html_of(content)
    assert f"Dear {escape(shown or 'friend', quote=False)}, <strong>" in html
    assert f'alt="For {escape(shown or "you")}"' in html
    assert len(soup(html).find_all("script")) == 0
    subject = parsed(content)["Subject"]
    assert " ".join(subject.split()) == " ".join(f"News for {shown or 'you'}".split())
    assert COMPOSER.html(recipient).count(escape(shown or "friend", quote=False)) > 0


@given(awkward, awkward)
@settings(max_examples=30)
def test_what_an_author_writes_comes_out_as_itself(title: str, sentence: str) -> None:
    title, sentence = (one_line(text).replace("{{", "{") for text in (title, sentence))
    document = Document((Masthead(id="m", title=title, date="d"), Text(id="t", text=sentence)))
    made = letter(document, subject=f"x {title}", newsletter_name=title or "N")
    try:
        composer = Composer(made, tokens=TOKENS)
    except DocumentError:
        return

    content = composer.compose(bob()).content

    check_wire(content)
    page = soup(html_of(content))
    assert len(page.find_all("script")) == 0
    heading, name = page.find("h1"), page.find("title")
    assert heading is not None
    assert name is not None
    assert heading.get_text() == title
    assert name.get_text().strip() == one_line(f"x {title}")


@pytest.mark.parametrize(
    "text",
    [
        "{% for x in y %}{{ '{' }}",
        "{{ config }}",
        "{{first_name.__class__|x}}",
        "{{7*7|x}}",
    ],
)
def test_the_syntax_of_template_languages_is_refused_or_plain(text: str) -> None:
    with pytest.raises(DocumentError) as raised:
        text_document(text)

    assert raised.value.problems[0].where == "Text (block 1)"


def test_single_braces_percent_signs_markup_and_entities_come_out_literally() -> None:
    text = "{x} {% include 'secret' %} {# c #} <script>alert(1)</script> &amp; <mj-include path=x>"

    content = composed(letter(text_document(text)), bob()).content

    assert text in text_of(content).replace("\n", " ")
    assert text in soup(html_of(content)).get_text()
    assert not soup(html_of(content)).find_all("script")


# What is looked for in a text (tables, addresses) is looked for once.
LONG = [
    "x\n|-|" + " " * 90_000 + "x",
    "x\n" + "-" * 90_000 + "x",
    "a." * 45_000 + "@",
    "a@" * 45_000,
    "https://" * 11_000,
]


@pytest.mark.parametrize(
    "text",
    ["word " * 19_000, "*a* " * 3_000, "[" * 50_000, "*" * 50_000, "[a](b " * 9_000, *LONG],
)
def test_a_hostile_text_is_composed_like_any_other(text: str) -> None:
    content = composed(letter(text_document(text.strip() + " end")), bob()).content

    check_wire(content)


def test_a_name_of_blanks_is_no_name() -> None:
    content = composed(recipient=alice(first_name=" \u2028\r\n ")).content

    assert "Hello friend" in text_of(content)
