"""Rich text goes from stored words to nodes and back without a loss: the server is the judge."""

import html
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from mailer.authoring.text.markdown import Break, Close, Open, written
from mailer.authoring.text.merging import NAMES, MergeField
from mailer.authoring.text.spelling import spelled
from tests.browser.editing import page_with
from tests.mailer.authoring.text.test_spelling import TEXTS

pytestmark = pytest.mark.browser

_SCRIPT: Final = """async ([from, all]) => {
  const { toMarkdown, toNodes } = await import("/static/js/richtext.js");
  const markup = (body) => {
    if (!body) return null;
    const holder = document.createElement("div");
    holder.append(body);
    const chips = holder.querySelectorAll(".field-chip");
    for (const each of chips) each.removeAttribute("contenteditable");
    return holder.innerHTML;
  };
  return all.map((each) => {
    if (from === "words") {
      const nodes = toNodes(each);
      return [nodes && toMarkdown(nodes), markup(nodes)];
    }
    const holder = new DOMParser().parseFromString(each, "text/html").body;
    const words = toMarkdown(holder);
    return [words, markup(toNodes(words))];
  });
}"""
_SHOWN: Final = {"h": "h3"}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page in which all texts are tried."""
    with page_with(browser, "<p>Nothing</p>") as page:
        yield page


def as_markup(text: str) -> str:
    """What the server reads in a text, as the editor's nodes."""
    out = []
    for event in written(text):
        if isinstance(event, Open):
            if event.tag == "p" and event.tight:
                continue
            url = html.escape(event.url, quote=False).replace('"', "&quot;")
            more = f' href="{url}"' if event.tag == "a" else ""
            more += f' start="{event.start}"' if event.tag == "ol" and event.start != 1 else ""
            out.append(f"<{_SHOWN.get(event.tag, event.tag)}{more}>")
        elif isinstance(event, Close):
            if event.tag != "p" or not event.tight:
                out.append(f"</{_SHOWN.get(event.tag, event.tag)}>")
        elif isinstance(event, Break):
            out.append("<br>")
        elif isinstance(event, MergeField):
            out.append(_chip(event))
        else:
            out.append(_words(event))
    return "".join(out)


def _words(words: str) -> str:
    return html.escape(words, quote=False).replace("\xa0", "&nbsp;")


def _chip(field: MergeField) -> str:
    fallback = _words(field.fallback)
    quoted = fallback.replace('"', "&quot;")
    return (
        f'<b class="field-chip" data-name="{field.name}" data-fallback="{quoted}">'
        f"{NAMES[field.name]}, or: {fallback}</b>"
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=20, max_size=50))
def test_the_editor_reads_and_writes_what_the_server_reads(page: Page, texts: list[str]) -> None:
    spellings = [spelled(text) for text in texts]

    answers = page.evaluate(_SCRIPT, ["words", spellings])

    for spelling, (words, markup) in zip(spellings, answers, strict=True):
        assert words == spelling
        assert markup == as_markup(spelling)


_WORDS: Final = st.text(
    st.sampled_from("ab é*_[]()\\#-+.1>{}|!“\"'&<~`\xa0"), min_size=1, max_size=6
).map(_words)
_CHIPS: Final = st.builds(
    lambda name, fallback: _chip(MergeField(name, fallback)),
    st.sampled_from(sorted(NAMES)),
    st.sampled_from(["friend", "Dear *member*", "a|b", "it’s \\ “us”"]),
)
_LEAVES: Final = st.one_of(_WORDS, _WORDS, _CHIPS, st.just("<br>"))
_TAGS: Final = "strong b em i span u p div h1 h3 blockquote ul ol li table td pre font".split()


def _within(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.lists(inner, min_size=1, max_size=4).map("".join)
    tagged = st.builds(lambda tag, words: f"<{tag}>{words}</{tag}>", st.sampled_from(_TAGS), joined)
    linked = st.builds(
        lambda url, words: f'<a href="{url}">{words}</a>',
        st.sampled_from(["https://x.example/a_b", "https://x.example/(a b)\\*&gt;", "", "#"]),
        joined,
    )
    listed = st.builds(
        lambda start, items: (
            f"<ol start={start}>" + "".join(f"<li>{i}</li>" for i in items) + "</ol>"
        ),
        st.sampled_from([1, 3, 999999998]),
        st.lists(inner, min_size=1, max_size=3),
    )
    return st.one_of(tagged, tagged, linked, listed)


_MARKUP: Final = st.recursive(_LEAVES, _within, max_leaves=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.lists(_MARKUP, max_size=4).map("".join), min_size=20, max_size=50))
def test_whatever_a_page_holds_is_written_as_the_server_spells_it(
    page: Page, bodies: list[str]
) -> None:
    answers = page.evaluate(_SCRIPT, ["nodes", bodies])
    again = page.evaluate(_SCRIPT, ["nodes", [markup for _, markup in answers]])

    for (words, markup), (words_again, markup_again) in zip(answers, again, strict=True):
        assert words == spelled(words)
        assert markup == as_markup(words)
        assert (words_again, markup_again) == (words, markup)
