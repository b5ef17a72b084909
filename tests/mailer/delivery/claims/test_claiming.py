"""Claims on batches: who holds one, and what others may claim of it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.delivery.claims import claiming
from mailer.delivery.claims.claiming import Claim
from mailer.delivery.claims.fairness import pick_batch
from mailer.models import Batch, Delivery, DeliveryStatus
from tests.factories import a_mailer
from tests.running import launched


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def claimed(mailer: Mailer, campaign_id: int) -> Claim:
    with mailer.database.writing() as session:
        found = pick_batch(session, campaign_id, now=now())
        assert found
        claim = claiming.claim(
            session, campaign_id, found.first_id, found.last_id, courier_id="one", now=now()
        )
    assert claim
    return claim


def test_a_released_claim_holds_nothing_although_the_process_claims_again(
    mailer: Mailer,
) -> None:
    campaign_id = launched(mailer, 1)
    first = claimed(mailer, campaign_id)
    with mailer.database.writing() as session:  # and say the answer to this commit is lost
        claiming.release_claim(session, first, now=now(), all_known=True)
    second = claimed(mailer, campaign_id)

    with mailer.database.writing() as session:
        assert second.batch_id == first.batch_id
        assert claiming.begin(session, second, second.ids, now=now())
        assert not claiming.holds(session, first)
        assert claiming.begin(session, first, first.ids, now=now()) is None
        assert claiming.holds(session, second)


def test_the_rest_that_is_left_can_be_claimed_and_is_not_uncertain(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 40)
    claim = claimed(mailer, campaign_id)
    with mailer.database.writing() as session:
        claiming.begin(session, claim, claim.ids, now=now())
        rest_from = claim.ids[2]
        for _ in range(2):  # again, as after an answer that was lost
            claiming.leave_rest(session, claim, rest_from, due_at=now())
            session.flush()

    with mailer.database.writing() as session:
        rest = session.scalars(select(Batch).where(Batch.first_id == rest_from)).one()
        assert rest.last_id == claim.last_id
        assert rest.open
        assert rest.courier_id is None
        claiming.release(session, session.get_one(Batch, claim.batch_id), now=now())
        in_doubt = select(Delivery.id).where(Delivery.status == DeliveryStatus.UNCERTAIN)
        assert sorted(session.scalars(in_doubt)) == list(claim.ids[:2])
