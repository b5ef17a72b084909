"""Counts of audiences and segments as pages show them: kept while nobody was changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from contacts.segments import Group, library, parse
from mailer.audience import counting
from mailer.audience.counting import AudienceCount
from mailer.audience.selecting import Audience
from mailer.counts import keeping
from mailer.counts.keeping import CountKind, KeptAnswer
from mailer.counts.marks import PEOPLE
from mailer.models import Exclusion


@dataclass(frozen=True, slots=True)
class KeptAudience(AudienceCount):
    """The numbers of an audience; ``counted_at`` is None while they are exact."""

    counted_at: datetime | None = None


def audience(session: Session, asked: Audience, *, now: datetime) -> KeptAudience:
    """The numbers of an audience for a page, exact or with the time of which they are."""
    found = keeping.look(session, _AUDIENCE, _written(asked), now=now)
    counted = _read(found.value)
    return KeptAudience(counted.will, counted.excluded, counted.categories, found.counted_at)


def segment(session: Session, group: Group, *, now: datetime) -> KeptAnswer:
    """How many people match the rules, for a page."""
    return keeping.look(session, _SEGMENT, group.to_json(), now=now)


def _count_audience(session: Session, subject: Mapping[str, Any], now: datetime) -> Any:
    counted = counting.count(session, _understood(subject), now=now)
    return {
        "will": counted.will,
        "excluded": {reason.value: number for reason, number in counted.excluded.items()},
        "categories": dict(counted.categories),
    }


def _read(answer: Mapping[str, Any]) -> AudienceCount:
    excluded = answer["excluded"]
    return AudienceCount(
        answer["will"],
        {reason: excluded[reason.value] for reason in Exclusion if reason.value in excluded},
        answer["categories"],
    )


def _written(asked: Audience) -> dict[str, Any]:
    return {
        "newsletter": asked.newsletter_id,
        "rules": asked.rules.to_json(),
        "without": [each.to_json() for each in asked.without],
        "but_for": sorted(asked.but_for),
        "only_of": asked.only_of,
    }


def _understood(subject: Mapping[str, Any]) -> Audience:
    return Audience(
        subject["newsletter"],
        parse(subject["rules"]),
        tuple(parse(each) for each in subject["without"]),
        tuple(subject["but_for"]),
        subject["only_of"],
    )


def _marks_of(subject: Mapping[str, Any]) -> list[int]:
    only = [subject["only_of"]] if subject["only_of"] is not None else []
    return sorted({PEOPLE, *subject["but_for"], *only})


_AUDIENCE: Final = CountKind("audience", _count_audience, _marks_of, daily=True)
_SEGMENT: Final = CountKind(
    "segment", lambda session, rules, _: library.count(session, parse(rules)), lambda _: [PEOPLE]
)
KINDS: Final = (_AUDIENCE, _SEGMENT)
