"""Rules about links: where they go, and what they say."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from mailer.authoring.text.merging import for_everybody
from mailer.authoring.text.urls import wrong_with
from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.reading import LinkAt
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule

_UNWRITTEN: Final = frozenset({"tbc", "tba", "tk", "xx", "todo", "http://", "https://"})
# A whole part of a path, or a whole value: tokens of trackers may have such letters within.
_PART: Final = re.compile(r"(?<=[/=])(?:TBC|TBA|TK|XX|XXX)(?=[/?&#]|$)")
_FULL: Final = "Write the address in full"
# What links say when they say nothing, in English and in Welsh; without “>”, dots and capitals.
_VAGUE: Final = frozenset(
    (
        "here|click here|click|click on this link|read more|read on|more|more info|"
        "more information|find out more|learn more|see more|view more|this|this link|link|"
        "this page|go|details|more details|continue|continue reading|website|"
        "yma|cliciwch yma|clicia yma|cliciwch|darllen mwy|darllenwch fwy|mwy|rhagor|"
        "mwy o wybodaeth|rhagor o wybodaeth|gweld mwy|dysgu mwy|dysgwch fwy|y ddolen hon|dolen|"
        "manylion|ewch yma|gwefan"
    ).split("|")
)
_BARE: Final = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?", re.I)
_EDGES: Final = " .…>»→!:-–"


def is_placeholder(url: str) -> bool:
    """Whether an address waits for the real one."""
    bare = url.strip().casefold()
    if not bare:
        return False
    if bare.startswith(("#", "[insert")) or bare in _UNWRITTEN or _PART.search(url):
        return True
    try:
        host = urlsplit(bare if "://" in bare else f"//{bare}").hostname or ""
    except ValueError:
        return False
    return host == "example.com" or host.endswith(".example.com")


def spoken(link: LinkAt) -> str:
    """What a link says to everybody, as it is compared."""
    return " ".join(for_everybody(link.words).casefold().split()).strip(_EDGES)


class LinkWithoutAddress(IssueRule):
    """Words that lead nowhere."""

    code, level = "LNK1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.links:
            if not each.url.strip():
                yield self.at(each.spot, f"“{each.words[:80]}” has no address.", about=each.words)


class PlaceholderAddress(IssueRule):
    """An address that was to be filled in later."""

    code, level = "LNK3", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.links:
            if is_placeholder(each.url):
                message = f"This link still has a placeholder ({each.url[:60]})."
                yield self.at(each.spot, message, about=each.url)


class UnusableAddress(IssueRule):
    """An address of another scheme, or that no browser opens."""

    code, level = "LNK4", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.links:
            if not each.url.strip() or is_placeholder(each.url):
                continue
            if wrong := wrong_with(each.url):
                if wrong.startswith(_FULL) and "://www" not in wrong:
                    wrong = "Use https:, http:, mailto: or tel: for this link."
                named = f"Link “{each.words[:60]}”: " if each.words else ""
                yield self.at(each.spot, named + wrong, about=each.url)


class VagueLinkWords(IssueRule):
    """Read one after the other, links have to say where they go."""

    code, level = "LNK5", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.links:
            said = spoken(each)
            mailed = each.url.startswith(("mailto:", "tel:"))
            if said in _VAGUE or (not mailed and _BARE.fullmatch(said)):
                message = (
                    f"Link words “{each.words[:60]}”: say where it goes, e.g. “Read how Aldmor did "
                    "it”."
                )
                yield self.at(each.spot, message, about=f"{each.words} {each.url}")


class SameWordsElsewhere(IssueRule):
    """Two links that sound the same and are not."""

    code, level = "LNK6", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        goes: dict[str, str] = {}
        for each in facts.reading.links:
            said, url = spoken(each), each.url.strip()
            if not said or not url:
                continue
            if goes.setdefault(said, url) != url:
                message = (
                    f"Two links say “{each.words[:60]}” but go to different places. Screen-reader "
                    "users hear a list of links."
                )
                yield self.at(each.spot, message, about=f"{said} {goes[said]} {url}")


class LinkOfLastIssue(IssueRule):
    """A link that nobody changed since the last issue."""

    code, level = "LNK8", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if facts.last is None:
            return
        for each in facts.reading.links:
            if not each.routine and each.url and (each.place, each.url) in facts.last.links:
                message = (
                    f"This link was also in {facts.last.month}’s issue at the same place. "
                    "Still right?"
                )
                yield self.at(each.spot, message, about=each.url)
