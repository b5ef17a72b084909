"""Issues for the rules to look at, without a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from mailer.campaigns.checks import running
from mailer.campaigns.checks.facts import IssueFacts, LastIssue, Measured
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.reading import read_issue
from mailer.campaigns.checks.validity import left_over
from mailer.fetching.asking import Answered
from mailer.models import Campaign, CheckedAddress
from mailer.settings.environment import Gate
from tests.factories import NOW

URL = "https://www.aldmor.example/retrofit"
PICTURE = "https://pictures.example/street.png"

CATEGORIES = {"full": "Full", "associate": "Associate", "supporter": "Supporter"}


def facts_of(
    *blocks: dict[str, Any],
    subject: str = "Winter labs and a welcome",
    preview_text: str = "What Aldmor learned, and dates for your diary.",
    wall: str | None = None,
    **more: Any,
) -> IssueFacts:
    """What the rules are told of an issue with these blocks, which goes out on 8 December 2026."""
    numbered = [{"id": f"b{number}", **block} for number, block in enumerate(blocks, start=1)]
    campaign = Campaign(
        id=1,
        subject=subject,
        preview_text=preview_text,
        version=3,
        tested_version=more.pop("tested_version", 3),
        send_wall=wall,
        send_zone="UTC" if wall else None,
        document={"version": 1, "blocks": numbered},
    )
    facts = IssueFacts(
        campaign=campaign,
        reading=read_issue(campaign.document),
        now=NOW,
        goes_out_at=campaign.goes_out_at or NOW,
        last=None,
        has_postal_address=True,
        accent="#0F5E7A",
        domain="network.example",
        gate=Gate.OPEN,
        obstacle=None,
        domain_checked=False,
        categories=CATEGORIES,
        addresses={},
        periods=(),
        measured=Measured(anybody=True, octets=40_000),
    )
    return replace(facts, **more)


def found_in(facts: IssueFacts) -> list[CheckFinding]:
    """Everything that is found, also what was not checked."""
    found = [finding for rule in running.RULES for finding in rule.look(facts)]
    return [*found, *left_over(facts, found)]


def open_in(facts: IssueFacts) -> list[CheckFinding]:
    """What is found and open."""
    return [each for each in found_in(facts) if each.is_open]


def codes(*blocks: dict[str, Any], **more: Any) -> list[str]:
    """The codes of what is open, each once."""
    return sorted({each.code for each in open_in(facts_of(*blocks, **more))})


def said(code: str, *blocks: dict[str, Any], **more: Any) -> str:
    """The sentence of the first finding of a code; "" for none."""
    return next((e.message for e in open_in(facts_of(*blocks, **more)) if e.code == code), "")


def text(words: str = "Aldmor’s homes are warm again.", **more: Any) -> dict[str, Any]:
    return {"type": "text", "heading": "Retrofit", "text": words, **more}


def story(**more: Any) -> dict[str, Any]:
    return {
        "type": "story",
        "headline": "Aldmor retrofit",
        "text": "Warm homes.",
        "link": "https://www.aldmor.example/retrofit",
        "link_words": "Read how Aldmor did it",
        **more,
    }


def link(words: str, url: str = "https://www.aldmor.example/retrofit") -> dict[str, Any]:
    return text(f"See [{words}]({url}).")


def events(*starts: str) -> dict[str, Any]:
    rows = [{"title": f"Webinar {number}", "start": at} for number, at in enumerate(starts, 1)]
    return {"type": "event_list", "heading": "Events", "events": rows}


def image(**more: Any) -> dict[str, Any]:
    return {"type": "image", "image": PICTURE, **more}


def masthead(day: str) -> dict[str, Any]:
    return {"type": "masthead", "title": "Update", "date": day}


def call(deadline: str) -> dict[str, Any]:
    return {
        "type": "call",
        "what": "Warm homes",
        "deadline": deadline,
        "contact": "us",
        "link": URL,
        "link_words": "Apply to Warm homes",
    }


def last(**more: Any) -> LastIssue:
    return LastIssue(
        id=7,
        month="November",
        subject=more.get("subject", "Autumn labs"),
        links=frozenset(more.get("links", ())),
        texts=frozenset(more.get("texts", ())),
    )


def asked(answered: Answered, sentence: str = "", url: str = URL) -> dict[str, CheckedAddress]:
    kept = CheckedAddress(
        digest="",
        url=url,
        answered=answered.value,
        status=None,
        sentence=sentence,
        checked_at=NOW - timedelta(minutes=3),
    )
    return {url: kept}
