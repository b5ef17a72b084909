"""The page of feeds: a feed is tried before it is followed, and what is wrong is said in words."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import create_app
from mailer.bootstrap import Mailer
from tests.mailer.fetching.test_asking import Site, serving
from tests.mailer.gathering.test_feeds import Blog, rss
from tests.mailer.web.browser import Browser, visible_text

PAGE = "/library/feeds"


@pytest.fixture
def blog() -> Blog:
    return Blog()


@pytest.fixture
def site(blog: Blog) -> Iterator[Site]:
    """A blog that this mailer can ask."""
    with serving(blog) as found:
        yield found


@pytest.fixture
def app(mailer: Mailer, site: Site) -> object:
    return create_app(replace(mailer, fetcher=site.fetcher()))


def test_a_feed_is_tried_followed_paused_and_removed(
    editor: Browser, site: Site, blog: Blog
) -> None:
    added = editor.submit(PAGE, {"url": site.url("/feed")})
    assert "“Blog” is followed: 1 post came in." in visible_text(added)
    assert "Minutes" in visible_text(editor.get("/library"))

    assert "is paused" in visible_text(editor.submit(PAGE, to=f"{PAGE}/1/pause"))
    assert "looked at again" in visible_text(editor.submit(PAGE, to=f"{PAGE}/1/resume"))
    blog.status = "404 Not Found"
    looked = visible_text(editor.submit(PAGE, to=f"{PAGE}/1/look"))
    assert "There is nothing at this address any more (404)." in looked
    assert "what came before stays" in looked
    assert "followed no more" in visible_text(editor.submit(PAGE, to=f"{PAGE}/1/remove"))
    assert "Minutes" in visible_text(editor.get("/library"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Write the address of the feed."),
        ("ftp://blog.example/", "Only http and https addresses are asked."),
        ("http://private.org/", "It leads into a private network."),
        ("not an address", "Only http and https"),
    ],
)
def test_an_address_that_cannot_be_followed_stays_with_the_reason(
    editor: Browser, url: str, said: str
) -> None:
    answer = editor.submit(PAGE, {"url": url, "title": "Ours"})

    assert answer.status_code == 422
    assert said in visible_text(answer)
    assert 'value="Ours"' in answer.text


def test_a_change_at_the_source_is_shown_beside_what_was_written_here(
    editor: Browser, site: Site, blog: Blog
) -> None:
    editor.submit(PAGE, {"url": site.url("/feed")})
    fields = {"title": "Minutes", "link": "https://blog.example/1", "summary": "Ours"}
    editor.submit("/library/1", fields)
    blog.body = rss(("1", "Minutes", "<b>Theirs</b>"))
    blog.status = "200 OK "
    editor.submit(PAGE, to=f"{PAGE}/1/pause")
    editor.submit(PAGE, to=f"{PAGE}/1/resume")
    editor.submit(PAGE, to=f"{PAGE}/1/look")

    page = visible_text(editor.get("/library/1"))
    assert "The source has changed" in page
    assert "There: Theirs" in page
    taken = editor.submit("/library/1", to=f"{PAGE}/items/1/take")
    assert "It says what its source says." in visible_text(taken)
    assert "The source has changed" not in visible_text(taken)


def test_whoever_only_looks_sees_feeds_and_no_form(app: object, viewer: Browser) -> None:
    assert "Follow a feed" not in visible_text(viewer.get(PAGE))
