"""Feeds: each entry once, followed where nobody here has changed it; hostile ones are refused, and
the last good copy is kept."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.bootstrap import Mailer
from mailer.clock import zone_of
from mailer.errors import FormError, NotAllowed
from mailer.fetching.refusals import NotFetched
from mailer.gathering.feeds import entries, fetching, following, polling
from mailer.gathering.feeds.entries import Fetched, TakenEntries
from mailer.gathering.feeds.reading import UnreadableFeed, read_feed
from mailer.models import Feed, FeedKind, ItemOrigin, ItemState, LibraryItem
from tests.factories import NOW, TESTER, a_mailer
from tests.mailer.fetching.test_asking import Site, serving

URL = "https://blog.example/feed"
THERE = NOW.astimezone(zone_of("Europe/London"))


def rss(*entries: tuple[str, str, str]) -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://blog.example/{key}</link>"
        f"<guid>{key}</guid><pubDate>Mon, 30 Nov 2026 23:30:00 -0200</pubDate>"
        f"<description>{said}</description></item>"
        for key, title, said in entries
    )
    channel = f"<channel><title>Blog</title>{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


ICS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Partners\r\n"
    b"BEGIN:VEVENT\r\nUID:a@x\r\nSUMMARY:Webinar\r\nDTSTART:20270112T100000Z\r\n"
    b"DTEND:20270112T110000Z\r\nURL:javascript:alert(1)\r\nEND:VEVENT\r\n"
    b"BEGIN:VEVENT\r\nUID:b@x\r\nSUMMARY:Old\r\nDTSTART:20200112T100000Z\r\nEND:VEVENT\r\n"
    b"BEGIN:VEVENT\r\nUID:c@x\r\nSUMMARY:Weekly\r\nDTSTART:20261201T090000Z\r\n"
    b"RRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def read(content: bytes) -> Fetched:
    return Fetched(read_feed(content, url=URL, now=THERE))


def follow(session: Session, content: bytes) -> Feed:
    feed, _ = following.add(
        session, URL, read(content), title="", is_public=False, actor=TESTER, now=NOW
    )
    return feed


def look(session: Session, feed: Feed, content: bytes) -> TakenEntries:
    return following.note_read(session, feed, read(content), now=NOW)


def only_item(session: Session) -> LibraryItem:
    return session.scalars(select(LibraryItem)).one()


def test_posts_of_a_feed_are_items_that_are_ready_each_once(database: Database) -> None:
    with database.writing() as session:
        feed = follow(session, rss(("1", "Minutes", "&lt;p&gt;Anyone&lt;/p&gt; reads")))
        again = look(session, feed, rss(("1", "Minutes", "&lt;p&gt;Anyone&lt;/p&gt; reads")))

        item = only_item(session)
        assert (feed.title, feed.kind) == ("Blog", FeedKind.POSTS)
        assert (item.kind, item.state, item.origin) == ("post", ItemState.READY, ItemOrigin.FEED)
        assert item.fields == {
            "title": "Minutes",
            "link": "https://blog.example/1",
            "published": "2026-12-01",
            "summary": "Anyone reads",
        }
        assert (again.new, again.changed) == (0, 0)


def test_atom_is_read_too() -> None:
    found = read_feed(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>urn:1</id>'
        b'<title type="html">Homes &amp;amp; care</title><link href="/homes"/>'
        b"<updated>2026-11-30T10:00:00Z</updated><author><name>Ada</name></author></entry></feed>",
        url=URL,
        now=THERE,
    )

    (entry,) = found.entries
    assert entry.key == "urn:1"
    assert entry.fields["title"] == "Homes & care"
    assert entry.fields["link"] == "https://blog.example/homes"
    assert entry.fields["author"] == "Ada"


def test_events_of_a_calendar_are_those_to_come_by_their_own_names(database: Database) -> None:
    with database.writing() as session:
        feed = follow(session, ICS)
        look(session, feed, ICS)

        found = session.scalars(select(LibraryItem).order_by(LibraryItem.on_day)).all()
        assert feed.title == "Partners"
        assert [(each.title, each.fields["start"], each.feed_key) for each in found] == [
            ("Weekly", "2026-12-15T09:00", "c@x 2026-12-15T09:00"),
            ("Webinar", "2027-01-12T10:00", "a@x"),
        ]
        assert "link" not in found[1].fields
        moved = ICS.replace(b"20270112T1", b"20270119T1")
        assert look(session, feed, moved).changed == 1
        assert session.get_one(LibraryItem, found[1].id).fields["start"] == "2027-01-19T10:00"


def test_what_changes_at_its_source_changes_here_unless_somebody_edited_it(
    database: Database,
) -> None:
    with database.writing() as session:
        feed = follow(session, rss(("1", "Minutes", "One")))
        assert look(session, feed, rss(("1", "Minutes", "Two"))).changed == 1
        item = only_item(session)
        assert item.fields["summary"] == "Two"
        assert item.state is ItemState.READY
        edited = WrittenItem({**item.fields, "summary": "Ours"})
        items.edit(session, item.id, edited, expected=item.revision, actor=TESTER, now=NOW)

        assert look(session, feed, rss(("1", "Minutes", "Three"))).changed == 0
        assert item.fields["summary"] == "Ours"
        assert entries.source_has_changed(item)
        entries.keep_ours(session, item.id, actor=TESTER, now=NOW)
        assert not entries.source_has_changed(item)
        look(session, feed, rss(("1", "Minutes", "Four")))
        entries.take_source(session, item.id, actor=TESTER, now=NOW)
        assert item.fields["summary"] == "Four"
        assert look(session, feed, rss(("1", "Minutes", "Five"))).changed == 1
        with pytest.raises(NotAllowed):
            entries.take_source(session, item.id, actor=TESTER, now=NOW)


def test_what_was_put_in_the_bin_does_not_come_back(database: Database) -> None:
    with database.writing() as session:
        feed = follow(session, rss(("1", "Minutes", "One")))
        items.put_in_bin(session, only_item(session).id, actor=TESTER, now=NOW)

        look(session, feed, rss(("1", "Minutes", "Two")))

        assert only_item(session).binned_at == NOW


def test_a_feed_is_followed_once_and_what_it_brought_outlives_it(database: Database) -> None:
    with database.writing() as session:
        feed = follow(session, rss(("1", "Minutes", "One")))
        with pytest.raises(FormError, match="followed already"):
            follow(session, rss())
        following.remove(session, feed.id, actor=TESTER, now=NOW)
        session.expire_all()

        assert only_item(session).feed is None
        assert follow(session, rss(("1", "Minutes", "One"))).id


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;">]><rss version="2.0"><channel><title>&c;</title></channel></rss>"""


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        BOMB.decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?><rss version="2.0"><channel/></rss>',
        b"<html><body>A page</body></html>",
        b"",
        b"\x00\xff" * 500,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b'{"version": "https://jsonfeed.org/version/1"}',
    ],
    ids=["bomb", "bomb-utf16", "utf7", "page", "nothing", "octets", "broken-ics", "json"],
)
def test_what_is_no_feed_is_refused_in_a_sentence(content: bytes) -> None:
    began = time.monotonic()

    with pytest.raises(UnreadableFeed) as refused:
        read_feed(content, url=URL, now=THERE)

    assert str(refused.value).endswith((".", "8."))
    assert time.monotonic() - began < 5


def test_nothing_of_a_hostile_entry_is_markup_a_merge_field_or_another_scheme() -> None:
    hostile = rss(
        ("1", "&lt;script&gt;x&lt;/script&gt;{{first_name}} Hi", "&lt;b&gt;Bold" + "x " * 50_000),
        ("2", "", "no title"),
    ).replace(b"<link>https://blog.example/2", b"<link>javascript:alert(1)")
    more = b"<item><title>J</title><link>javascript:x</link></item></channel>"
    hostile = hostile.replace(b"</channel>", more)

    found = read_feed(hostile, url=URL, now=THERE)

    (entry,) = found.entries
    assert entry.fields["title"] == "{ {first_name} } Hi"
    assert len(entry.fields["summary"]) <= 300
    assert len(found.left) == 2


def test_of_a_thousand_entries_the_first_hundred_are_taken() -> None:
    many = rss(*((str(n), f"Post {n}", "") for n in range(1000)))

    assert len(read_feed(many, url=URL, now=THERE).entries) == 100


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return replace(a_mailer(database, tmp_path), clock=lambda: NOW)


class Blog:
    """A server with a feed, which says what it has not changed since."""

    def __init__(self) -> None:
        self.status, self.body = "200 OK", rss(("1", "Minutes", "One"))

    def __call__(self, connection: socket.socket, asked: str) -> None:
        if 'If-None-Match: "v1"' in asked and self.status == "200 OK":
            connection.sendall(b"HTTP/1.1 304 Not Modified\r\n\r\n")
            return
        head = f'HTTP/1.1 {self.status}\r\nETag: "v1"\r\nContent-Length: {len(self.body)}\r\n\r\n'
        connection.sendall(head.encode() + self.body)


@pytest.fixture
def blog() -> Blog:
    return Blog()


@pytest.fixture
def site(blog: Blog) -> Iterator[Site]:
    with serving(blog) as found:
        yield found


def followed(mailer: Mailer, site: Site) -> tuple[Mailer, int]:
    mailer = replace(mailer, fetcher=site.fetcher())
    fetched = fetching.fetch(mailer, site.url("/feed"))
    assert fetched is not None
    with mailer.database.writing() as session:
        feed, _ = following.add(
            session, site.url("/feed"), fetched, title="", is_public=True, actor=TESTER, now=NOW
        )
        return mailer, feed.id


def at(mailer: Mailer, **later: int) -> Mailer:
    return replace(mailer, clock=lambda: NOW + timedelta(**later))


def kept(mailer: Mailer, feed_id: int) -> Feed:
    with mailer.database.reading() as session:
        return session.get_one(Feed, feed_id)


def test_a_feed_is_asked_once_an_hour_for_what_has_changed(
    mailer: Mailer, site: Site, blog: Blog
) -> None:
    mailer, feed_id = followed(mailer, site)
    assert polling.look(at(mailer, minutes=59), feed_id) == ""
    assert len(site.heard) == 1

    assert polling.look(at(mailer, minutes=61), feed_id) == ""
    assert polling.look(at(mailer, minutes=61), feed_id) == ""

    assert len(site.heard) == 2
    assert 'If-None-Match: "v1"' in site.heard[1]
    assert kept(mailer, feed_id).fresh_at == NOW + timedelta(minutes=61)
    with mailer.database.reading() as session:
        assert polling.due(session, now=NOW + timedelta(minutes=90)) == []
        assert polling.due(session, now=NOW + timedelta(minutes=122)) == [feed_id]


@pytest.mark.parametrize("broken", ["500 Oops", "404 Not Found", "bomb"])
def test_a_look_that_fails_keeps_the_last_good_copy_and_says_why(
    mailer: Mailer, site: Site, blog: Blog, broken: str
) -> None:
    mailer, feed_id = followed(mailer, site)
    with mailer.database.writing() as session:
        session.get_one(Feed, feed_id).etag = ""
    if broken == "bomb":
        blog.body = BOMB
    else:
        blog.status = broken

    trouble = polling.look(at(mailer, hours=2), feed_id)

    feed = kept(mailer, feed_id)
    assert trouble
    assert feed.trouble == trouble
    assert (feed.fresh_at, feed.asked_at) == (NOW, NOW + timedelta(hours=2))
    with mailer.database.reading() as session:
        assert only_item(session).title == "Minutes"
    blog.status, blog.body = "200 OK", rss(("1", "Minutes", "Two"))
    assert polling.look(at(mailer, hours=4), feed_id) == ""
    assert kept(mailer, feed_id).trouble == ""


def test_a_paused_feed_is_not_asked(mailer: Mailer, site: Site) -> None:
    mailer, feed_id = followed(mailer, site)
    with mailer.database.writing() as session:
        following.set_paused(session, feed_id, paused=True, actor=TESTER, now=NOW)

    polling.look(at(mailer, hours=2), feed_id)

    assert len(site.heard) == 1
    with mailer.database.reading() as session:
        assert polling.due(session, now=NOW + timedelta(days=1)) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1/feed", "http://10.0.0.1/", "file:///etc/passwd"])
def test_no_feed_leads_into_a_private_network(mailer: Mailer, url: str) -> None:
    with pytest.raises(NotFetched):
        fetching.fetch(mailer, url)


def test_what_a_server_said_can_put_no_line_into_the_next_request(
    mailer: Mailer, site: Site
) -> None:
    mailer = replace(mailer, fetcher=site.fetcher())

    fetching.fetch(mailer, site.url("/feed"), etag='"v1"\r\nX-Evil: 1')

    assert "X-Evil" not in site.heard[0]
