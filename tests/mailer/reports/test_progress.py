"""How fast, how long and what failed: from what has an outcome, never from what was hoped."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from contacts.database import Database
from mailer.campaigns import editing
from mailer.models import CampaignStatus, Delivery, DeliveryStatus
from mailer.reports.accounting import account
from mailer.reports.progress import Progress, progress
from tests.factories import NOW, a_campaign, a_mailer, a_newsletter

Row = tuple[DeliveryStatus, str | None, float]  # status, reason, seconds ago


def shown(database: Database, tmp_path: Path, rows: Iterable[Row], *, since: float) -> Progress:
    """The progress of a campaign with these deliveries, frozen so many seconds ago."""
    mailer = a_mailer(database, tmp_path)
    with mailer.database.writing() as session:
        campaign = a_campaign(session, a_newsletter(session).id)
        campaign.status = CampaignStatus.SENDING
        campaign.started_at = campaign.frozen_at = NOW - timedelta(seconds=since)
        for number, (status, reason, ago) in enumerate(rows):
            session.add(
                Delivery(
                    campaign_id=campaign.id,
                    contact_id=number,
                    status=status,
                    reason=reason,
                    attempts=1,
                    changed_at=NOW - timedelta(seconds=ago),
                )
            )
        campaign_id = campaign.id
    with mailer.database.reading() as session:
        campaign = editing.find(session, campaign_id)
        return progress(session, campaign, account(session, campaign), now=NOW)


def test_the_rate_is_the_median_of_the_last_minute(database: Database, tmp_path: Path) -> None:
    gone: list[Row] = [(DeliveryStatus.ACCEPTED, None, ago / 2) for ago in range(120)]
    stalled: list[Row] = [(DeliveryStatus.ACCEPTED, None, 45.0)] * 300
    waiting: list[Row] = [(DeliveryStatus.PENDING, None, 200.0)] * 240
    found = shown(database, tmp_path, [*gone, *stalled, *waiting], since=200)
    assert found.per_minute == 120
    assert found.minutes_left(NOW) == 2


def test_no_end_is_estimated_in_the_first_ten_seconds(database: Database, tmp_path: Path) -> None:
    rows: list[Row] = [(DeliveryStatus.ACCEPTED, None, 1.0)] * 50
    found = shown(database, tmp_path, [*rows, (DeliveryStatus.PENDING, None, 9.0)], since=9)
    assert (found.per_minute, found.done_at) == (None, None)


def test_while_nothing_is_sent_no_end_is_estimated(database: Database, tmp_path: Path) -> None:
    rows: list[Row] = [(DeliveryStatus.ACCEPTED, None, 300.0), (DeliveryStatus.PENDING, None, 300)]
    found = shown(database, tmp_path, rows, since=400)
    assert (found.per_minute, found.minutes_left(NOW)) == (None, None)


def test_failures_are_told_by_their_reasons(database: Database, tmp_path: Path) -> None:
    refused = DeliveryStatus.REFUSED
    rows: list[Row] = [
        *[(refused, "userunknown", 5.0)] * 3,
        (refused, "mailboxfull", 5.0),
        (DeliveryStatus.EXCLUDED, "unsubscribed", 90.0),
    ]
    found = shown(database, tmp_path, rows, since=100)
    assert found.failed == 4
    assert list(found.failures) == [("userunknown", 3), ("mailboxfull", 1)]
