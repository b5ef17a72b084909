"""What is at the address of a feed now, by the one guarded way out."""

from http import HTTPStatus

from mailer.bootstrap import Mailer
from mailer.clock import wall_of
from mailer.gathering.feeds.entries import Fetched
from mailer.gathering.feeds.following import tidy
from mailer.gathering.feeds.reading import UnreadableFeed, read_feed
from mailer.network.details import zone


def fetch(mailer: Mailer, url: str, *, etag: str = "", last_modified: str = "") -> Fetched | None:
    """What is at an address; None where its server says that it has not changed.

    NotFetched or UnreadableFeed, a sentence each, where nothing can be had.
    """
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    asked = {name: value for name, value in known.items() if value}
    answer = mailer.fetcher.fetch(tidy(url), asked=asked)
    if answer.status == HTTPStatus.NOT_MODIFIED and asked:
        return None
    if answer.status != HTTPStatus.OK:
        raise UnreadableFeed(_refused(answer.status))
    with mailer.database.reading() as session:
        there = wall_of(mailer.clock(), zone(session))
    read = read_feed(answer.body, url=tidy(url), now=there)
    return Fetched(read, answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))


def _refused(status: int) -> str:
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return f"There is nothing at this address any more ({status})."
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"Its site lets no program in ({status})."
    return f"Its site answered with {status} instead of a feed."
