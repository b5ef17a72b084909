"""One contact row travels to one report line: launched, carried, opened, clicked, left, reported.

Read this first: it is the whole mission, on each database and each kind of queue.
"""

import email
import re
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from pathlib import Path

import pytest
from sqlalchemy import update
from werkzeug.test import Client

from app import create_app
from contacts.database import Database
from contacts.models import Subscription, SubscriptionStatus
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.clock import now
from mailer.models import Delivery, DeliveryStatus, Exclusion
from mailer.receipts.tracking.drain import Drain
from mailer.reports.engagement import engagement
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_cast, a_mailer
from tests.fakes.smtp_server import FaultServer
from tests.mailer.receipts.tracking.agents import BROWSER
from tests.running import a_worker, wait_for_end


@pytest.fixture(params=["embedded", "scaled out"])
def mailer_and_queue(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Mailer, str]]:
    """SQLite with the queue in this process, and PostgreSQL with Redis."""
    scaled_out = request.param == "scaled out"
    url = request.getfixturevalue("postgres_url" if scaled_out else "sqlite_url")
    database = Database(url)
    redis_url = request.getfixturevalue("redis_server") if scaled_out else ""
    yield a_mailer(database, tmp_path), redis_url
    database.dispose()


def test_one_contact_row_travels_to_one_report_line(mailer_and_queue: tuple[Mailer, str]) -> None:
    mailer, redis_url = mailer_and_queue
    with mailer.database.writing() as session:
        cast = a_cast(session)
        campaign_id = a_campaign(session, cast.newsletter).id

    with FaultServer() as relay, a_worker(mailer, port=relay.port, redis_url=redis_url):
        with mailer.database.writing() as session:
            sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
        sent = wait_for_end(mailer, campaign_id)

    assert sent.audience == 3
    assert sent.deliveries == {DeliveryStatus.ACCEPTED: 1}
    assert sent.excluded == {Exclusion.BOUNCED: 1, Exclusion.NOT_CONFIRMED: 1}
    assert sent.balanced
    assert [kept.recipient for kept in relay.kept] == ["alice@aldmor.example"]

    message = email.message_from_bytes(relay.kept[0].content, policy=policy.default)
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert message["Subject"] == "News for Alice"
    assert "Hello Alice" in html

    web = Client(create_app(mailer))
    pixel = re.search(r"https://news\.network\.example(/o/[^\"]+)", html)
    click = re.search(r"https://news\.network\.example(/c/[^\"]+)", html)
    assert pixel
    assert click
    with mailer.database.writing() as session:  # she reads it the next day
        session.execute(update(Delivery).values(changed_at=now() - timedelta(days=1)))
    web.get(pixel[1], headers={"User-Agent": BROWSER})
    answer = web.get(click[1], headers={"User-Agent": BROWSER})
    Drain(mailer).take_all()
    with mailer.database.reading() as session:
        engaged = engagement(session, campaign_id)
    assert answer.headers["Location"] == "https://a.example/x"
    assert (engaged.measured, engaged.opened, engaged.clicked) == (1, 1, 1)
    assert [(link.number, link.people) for link in engaged.links] == [(1, 1)]

    one_click = re.search(
        r"<https://news\.network\.example(/u/[^>]+)>", message["List-Unsubscribe"]
    )
    assert one_click
    looked = web.get(one_click[1])
    with mailer.database.reading() as session:
        standing = session.get_one(Subscription, (cast.alice, cast.newsletter))
        assert standing.status is SubscriptionStatus.SUBSCRIBED
    left = web.post(one_click[1], data={"List-Unsubscribe": "One-Click"})
    with mailer.database.reading() as session:
        standing = session.get_one(Subscription, (cast.alice, cast.newsletter))
        engaged = engagement(session, campaign_id)
    assert (looked.status_code, left.status_code) == (200, 200)
    assert standing.status is SubscriptionStatus.UNSUBSCRIBED
    assert engaged.unsubscribed == 1
