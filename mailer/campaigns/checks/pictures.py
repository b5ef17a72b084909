"""Rules about pictures and the words that stand for them."""

import re
from collections.abc import Iterator
from typing import Final

from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule

_STARTS: Final = re.compile(
    r"(?:an? )?(?:image|picture|photo|photograph|graphic) of\b|(?:llun|delwedd|ffotograff) o\b",
    re.IGNORECASE,
)
_FILE: Final = re.compile(
    r"\S+\.(?:jpe?g|png|gif|webp|svg|heic|bmp)|(?:IMG|DSC|PXL)[_-]?\d+\S*", re.I
)
_LONGEST: Final = 140


class PictureWithoutWords(IssueRule):
    """People who can’t see a picture hear its words."""

    code, level = "ALT1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.pictures:
            block = facts.reading.block(each.spot.block)
            ticked = getattr(block, "decoration", None)
            if not each.words_field or each.words or ticked:
                continue
            message = f"Describe the picture in {each.spot.where}."
            if ticked is not None:
                message = f"{message[:-1]}, or tick “This picture is decoration”."
            yield self.at(each.spot, message, about=each.url, field=each.words_field)


class LinkedPictureWithoutWords(IssueRule):
    """A picture’s link says where it goes in words of its own."""

    code, level = "ALT2", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.pictures:
            prefix = each.spot.field.rpartition(".")[0]
            field = f"{prefix}.link_words" if prefix else "link_words"
            said = any(
                link.words and link.spot.field == field.replace("link_words", "link")
                for link in facts.reading.links
                if link.spot.block == each.spot.block
            )
            if each.linked and not said:
                message = (
                    f"The picture in {each.spot.where} is a link, so it needs words that say where "
                    "it goes."
                )
                yield self.at(each.spot, message, about=each.url, field=field)


class PoorPictureWords(IssueRule):
    """Words that help nobody who can’t see the picture."""

    code, level = "ALT3", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.pictures:
            if message := _poor(each.words, each.title):
                yield self.at(each.spot, message, about=each.words, field=each.words_field)


def _poor(words: str, title: str) -> str:
    if _STARTS.match(words):
        return f"Alt text starts “{words[:20].rstrip()}…”: say what the picture shows, and no more."
    if words and words.casefold() == title.casefold() and len(words.split()) > 3:
        return "Alt text repeats the headline: say what the picture shows."
    if _FILE.fullmatch(words):
        return f"Alt text is a file name, “{words[:60]}”: say what the picture shows."
    if len(words) > _LONGEST:
        return f"Alt text is over {_LONGEST} characters: it has {len(words)}."
    return ""
