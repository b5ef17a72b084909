"""The numbers of reports as pages show them: kept while nothing more was heard."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from mailer.counts import keeping
from mailer.counts.keeping import CountKind
from mailer.counts.marks import PEOPLE
from mailer.models import Campaign, DeliveryStatus, Exclusion
from mailer.reports import accounting, clicking
from mailer.reports.accounting import Account
from mailer.reports.clicking import CategoryClicks, ClickHours, Span
from mailer.reports.engagement import Engagement, LinkClicks, engagement


@dataclass(slots=True)
class Numbers:
    """The numbers of issues for one page.

    ``counted_at`` is None while all that were asked for are exact, and else when the oldest was.
    """

    session: Session
    now: datetime
    counted_at: datetime | None = field(default=None, init=False)

    def account(self, issue: Campaign) -> Account:
        """The accounting of an issue."""
        kept = self._look(_ACCOUNT, {"issue": issue.id})
        excluded, deliveries = kept["excluded"], kept["deliveries"]
        return Account(
            campaign_id=issue.id,
            status=issue.status.value,
            started_at=issue.started_at,
            finished_at=issue.finished_at,
            audience=kept["audience"],
            excluded={each: excluded[each.value] for each in Exclusion if each.value in excluded},
            deliveries={
                each: deliveries[each.value] for each in DeliveryStatus if each.value in deliveries
            },
        )

    def engagement(self, issue: Campaign) -> Engagement:
        """Opens, clicks and what else was heard."""
        kept = dict(self._look(_ENGAGEMENT, {"issue": issue.id}))
        kept["links"] = [LinkClicks(**each) for each in kept["links"]]
        kept["grounds"] = [(words, number) for words, number in kept["grounds"]]
        return Engagement(**kept)

    def hours(self, issue: Campaign, span: Span = Span.DAY) -> ClickHours | None:
        """When people clicked first; None before the issue has started."""
        if issue.started_at is None:
            return None
        kept = self._look(_HOURS, {"issue": issue.id, "span": int(span)})
        began = issue.started_at.replace(minute=0, second=0, microsecond=0)
        return ClickHours(began, kept["people"], kept["later"], span)

    def by_category(self, issue: Campaign) -> list[CategoryClicks]:
        """Who clicked, by category."""
        return [CategoryClicks(**each) for each in self._look(_CATEGORIES, {"issue": issue.id})]

    def _look(self, kind: CountKind, subject: Mapping[str, Any]) -> Any:
        answer = keeping.look(self.session, kind, subject, now=self.now)
        if answer.counted_at is not None:
            self.counted_at = min(self.counted_at or answer.counted_at, answer.counted_at)
        return answer.value


def _account(session: Session, subject: Mapping[str, Any], _now: datetime) -> Any:
    counted = accounting.account(session, session.get_one(Campaign, subject["issue"]))
    return {
        "audience": counted.audience,
        "excluded": {reason.value: number for reason, number in counted.excluded.items()},
        "deliveries": {status.value: number for status, number in counted.deliveries.items()},
    }


def _engagement(session: Session, subject: Mapping[str, Any], _now: datetime) -> Any:
    return asdict(engagement(session, subject["issue"]))


def _hours(session: Session, subject: Mapping[str, Any], _now: datetime) -> Any:
    issue = session.get_one(Campaign, subject["issue"])
    found = clicking.hours(session, issue, span=Span(subject["span"]))
    return {"people": list(found.people), "later": found.later} if found else None


def _categories(session: Session, subject: Mapping[str, Any], _now: datetime) -> Any:
    return [asdict(each) for each in clicking.by_category(session, subject["issue"])]


def _of_issue(subject: Mapping[str, Any]) -> list[int]:
    return [subject["issue"]]


def _of_issue_and_people(subject: Mapping[str, Any]) -> list[int]:
    return [PEOPLE, subject["issue"]]


_ACCOUNT: Final = CountKind("account", _account, _of_issue)
_ENGAGEMENT: Final = CountKind("engagement", _engagement, _of_issue_and_people)
_HOURS: Final = CountKind("hours", _hours, _of_issue_and_people)
_CATEGORIES: Final = CountKind("categories", _categories, _of_issue_and_people)
KINDS: Final = (_ACCOUNT, _ENGAGEMENT, _HOURS, _CATEGORIES)
