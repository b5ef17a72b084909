"""Watching an issue go, and what to do about copies in doubt."""

import pytest
from sqlalchemy import select

from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Attempt, Campaign, Delivery, DeliveryStatus, InDoubt
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

ISSUE = "/issues/members-update/2026-11"


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    """An issue that is being sent to Alice."""
    with mailer.database.writing() as session:
        campaign_id = a_campaign(session, cast.newsletter, slug="2026-11").id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, campaign_id, clock=lambda: NOW)
    return campaign_id


def change(mailer: Mailer, **values: object) -> int:
    """The one delivery that is carried, changed; its number."""
    with mailer.database.writing() as session:
        delivery = session.scalars(
            select(Delivery).where(Delivery.status != DeliveryStatus.EXCLUDED)
        ).one()
        for name, value in values.items():
            setattr(delivery, name, value)
        return delivery.id


def test_failures_are_told_in_plain_words(mailer: Mailer, issue: int, viewer: Browser) -> None:
    change(mailer, status=DeliveryStatus.REFUSED, reason="userunknown")
    assert "1 failed so far: 1 no such person there" in visible_text(
        viewer.get(f"{ISSUE}/progress")
    )


def test_the_bar_is_not_full_while_a_row_is_unresolved(
    mailer: Mailer, issue: int, viewer: Browser
) -> None:
    change(mailer, status=DeliveryStatus.DEFERRED)
    assert "100 %" not in visible_text(viewer.get(f"{ISSUE}/progress"))


def test_an_editor_decides_what_happens_to_copies_in_doubt(
    mailer: Mailer, issue: int, editor: Browser
) -> None:
    editor.submit(f"{ISSUE}/in-doubt", {"in_doubt": "send_again"})
    with mailer.database.reading() as session:
        assert session.get_one(Campaign, issue).in_doubt is InDoubt.SEND_AGAIN


def test_a_viewer_may_not_decide(mailer: Mailer, issue: int, viewer: Browser) -> None:
    answer = viewer.submit(f"{ISSUE}/progress", {"in_doubt": "send_again"}, to=f"{ISSUE}/in-doubt")
    assert answer.status_code == 403


def test_lines_of_the_log_settle_a_delivery_in_doubt(
    mailer: Mailer, issue: int, editor: Browser
) -> None:
    delivery_id = change(mailer, status=DeliveryStatus.UNCERTAIN)
    token = mailer.tokens.seal_for_mail(Purpose.MESSAGE, delivery_id)
    log = (
        f"mx postfix/cleanup[8]: 4XyzAB12cdz1: message-id=<{token}@a.example>\n"
        "mx postfix/qmgr[6]: 4XyzAB12cdz1: from=<b@a.example>, size=1, nrcpt=1 (queue active)\n"
    )
    page = f"{ISSUE}/report/people?status=uncertain"
    shown = visible_text(editor.submit(page, {"log": log}, to=f"{ISSUE}/report/evidence"))
    assert "1 had been taken by the mail server and are in doubt no more." in shown


def test_a_persons_page_lists_every_attempt(
    mailer: Mailer, issue: int, cast: Cast, viewer: Browser
) -> None:
    delivery_id = change(mailer, status=DeliveryStatus.ACCEPTED, attempts=2, code=250, text="kept")
    with mailer.database.writing() as session:
        session.add(
            Attempt(
                delivery_id=delivery_id,
                number=1,
                at=NOW,
                status=DeliveryStatus.DEFERRED,
                reason="onhold",
                code=451,
                text="4.7.1 greylisted, come back",
            )
        )
    seen = visible_text(viewer.get(f"/people/{cast.alice}"))
    assert "attempt 1: will be tried again" in seen
    assert "451 4.7.1 greylisted, come back" in seen
    assert "250 kept" in seen
