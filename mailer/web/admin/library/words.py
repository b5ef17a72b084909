"""How the library is spoken of: standings in a word, and where an item was told."""

from typing import Final

from flask import g

from mailer.authoring.library.kinds.catalogue import KINDS
from mailer.authoring.library.listing import ItemStanding, ItemUse, ListedItem
from mailer.campaigns.naming.months import month_words
from mailer.models import Campaign
from mailer.web.admin.newsletters.standing import IssueTag
from mailer.web.network import local

T = ItemStanding
STANDINGS: Final = {
    T.ASKED: "Asked",
    T.DRAFT: "Draft",
    T.READY: "Ready",
    T.IN_ISSUE: "In an issue",
    T.USED: "Used",
}
_LOOKS: Final = {
    T.ASKED: ("wait", "clock"),
    T.DRAFT: ("", "pencil"),
    T.READY: ("good", "check"),
    T.IN_ISSUE: ("info", "mail"),
    T.USED: ("", "done"),
}


def be_of_kind(kind: str) -> None:
    """Let the navigation show that this page is about one kind of item."""
    g.library_kind = kind


def tag_of(listed: ListedItem) -> IssueTag:
    """Where an item stands, in a word or two: "Ready", "In December"."""
    kind, drawing = _LOOKS[listed.standing]
    words = STANDINGS[listed.standing]
    being_written = [use.issue for use in listed.uses if not use.is_out]
    if len(being_written) == 1:
        words = f"In {short_name(being_written[0])}"
    return IssueTag(words, kind, drawing)


def short_name(issue: Campaign) -> str:
    """ "December" for the issue of that month, and its name for one of none."""
    return month_words(issue.month or "").partition(" ")[0] or issue.name


def used_in(use: ItemUse) -> str:
    """ "Members' Update, December 2026, sent 8 Dec"."""
    issue = use.issue
    if not use.is_out or issue.started_at is None:
        return issue.name
    sent = local(issue.started_at)
    return f"{issue.name}, sent {sent.day} {sent:%b %Y}"


def kinds() -> list[tuple[str, str]]:
    """The kinds, as a choice."""
    return [(name, kind.type_title) for name, kind in KINDS.items()]
