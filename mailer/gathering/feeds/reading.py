"""What a feed says: posts of RSS or Atom, or the coming events of a calendar, as items have them.

Feeds are other people's: nothing in them is markup for us, a merge field, or an address of another
scheme than the web's; and what could make its reader work for ever is refused before it is read.
"""

import io
import re
from calendar import timegm
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urljoin

import feedparser

from mailer.authoring.calendar_events import UnreadableCalendar, named_events
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.urls import wrong_with
from mailer.errors import MailerError
from mailer.gathering.feeds.words import plain, safe
from mailer.models import FeedKind

MOST: Final = 100  # entries of one look: the first, which are the newest
_LONGEST_TITLE: Final = 200
_LONGEST_SUMMARY: Final = 300
_LONGEST_KEY: Final = 200
_ENCODINGS: Final = frozenset(
    "utf-8 utf8 utf-16 us-ascii ascii iso-8859-1 iso-8859-15 latin-1 windows-1252 cp1252".split()
)
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([^\"'>]{1,40})", re.I)


class UnreadableFeed(MailerError):
    """What is at an address is no feed that can be taken in."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry: the feed's own name of it, and the fields of an item."""

    key: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """What a feed says; ``left`` says of each entry that is not taken why."""

    kind: FeedKind
    title: str
    entries: Sequence[FeedEntry]
    left: Sequence[str]

    @property
    def item_kind(self) -> str:
        """Which kind of item its entries become."""
        return "post" if self.kind is FeedKind.POSTS else "event"


def read_feed(content: bytes, *, url: str, now: datetime) -> ReadFeed:
    """The feed in ``content``, found at ``url``; ``now`` is aware, in the network's zone.

    UnreadableFeed says in a sentence what it is otherwise.
    """
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR":
        return _calendar(content, now)
    _refuse_hostile(content)
    try:
        # A stream: anything else it might take for an address, and ask for that by itself.
        parsed = feedparser.parse(
            io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False
        )
        version, entries = str(parsed.get("version", "")), list(parsed.entries)
        title = plain(str(parsed.feed.get("title", "")), _LONGEST_TITLE)
    except Exception as error:  # it meets broken files in many ways
        raise UnreadableFeed("It is a feed that is broken: its owner has to mend it.") from error
    if not version:
        raise UnreadableFeed(
            "There is no RSS, Atom or calendar feed at this address. If it is a page, look there "
            "for the address of its feed."
        )
    taken: dict[str, FeedEntry] = {}
    left = []
    for entry in entries[:MOST]:
        try:
            found = _post(entry, url, now)
        except Exception:  # of a hostile entry: the others are none the worse
            found = None
        if found is None:
            left.append("An entry has no title, or no address that a browser could open.")
        else:
            taken.setdefault(found.key, found)
    return ReadFeed(FeedKind.POSTS, title, tuple(taken.values()), tuple(left))


def _refuse_hostile(content: bytes) -> None:
    plain = content.replace(b"\0", b"")  # as UTF-16 has it
    if b"<!entity" in plain.lower():
        raise UnreadableFeed(
            "It declares entities of its own, which no feed needs. It is not read."
        )
    declared = _DECLARED.search(plain[:400])
    if declared and declared[1].decode("ascii", "replace").lower() not in _ENCODINGS:
        raise UnreadableFeed("It is written in an encoding that is not read here: use UTF-8.")


def _calendar(content: bytes, now: datetime) -> ReadFeed:
    try:
        events, left = named_events(content, now=now)
    except UnreadableCalendar as error:
        raise UnreadableFeed("It is a calendar that is broken, or larger than 1 MB.") from error
    named = re.search(rb"^X-WR-CALNAME:(.{1,400})$", content, re.M)
    title = plain(named[1].decode("utf-8", "replace"), _LONGEST_TITLE) if named else ""
    found: dict[str, FeedEntry] = {}
    for name, event in events[:MOST]:
        fields = {field: safe(value) for field, value in event.items()}
        if wrong_with(fields.get("link", "https://a.example"), ("https", "http")):
            del fields["link"]
        key = _key(name)
        found.setdefault(key, FeedEntry(key, {**fields, "title": fields["title"][:_LONGEST_TITLE]}))
    # What is over, or repeats in a way that nobody follows, is no fault of the feed.
    told = tuple(each for each in left if not each.endswith("it is over."))
    return ReadFeed(FeedKind.EVENTS, title, tuple(found.values()), told)


def _post(entry: Any, url: str, now: datetime) -> FeedEntry | None:
    link = urljoin(url, str(entry.get("link", "")).strip())
    title = plain(str(entry.get("title", "")), _LONGEST_TITLE)
    if not title or wrong_with(link, ("https", "http")):
        return None
    fields = {
        "title": title,
        "link": link,
        "author": plain(str(entry.get("author", "")), 60),
        "published": _day(entry, now),
        "summary": plain(str(entry.get("summary", "")), _LONGEST_SUMMARY),
    }
    key = _key(str(entry.get("id", "")).strip() or link)
    return FeedEntry(key, {name: value for name, value in fields.items() if value})


def _day(entry: Any, now: datetime) -> str:
    parts = entry.get("published_parsed") or entry.get("updated_parsed")
    if not parts:
        return ""
    try:
        moment = datetime.fromtimestamp(timegm(parts), UTC).astimezone(now.tzinfo)
    except (ValueError, OverflowError, TypeError, OSError):
        return ""
    return moment.date().isoformat()


def _key(name: str) -> str:
    """A name that there is room for; PostgreSQL keeps no NUL."""
    name = one_line(name)
    return name if len(name) <= _LONGEST_KEY else sha256(name.encode()).hexdigest()
