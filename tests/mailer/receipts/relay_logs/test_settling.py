"""The log of a relay settles doubts; anything else in it changes nothing."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.models import Campaign, Delivery, DeliveryStatus
from mailer.receipts.relay_logs.reading import queue_ids_in
from mailer.receipts.relay_logs.settling import accepted_in, settle_by_log
from mailer.security.tokens import Purpose, Tokens
from tests.factories import TESTER, a_campaign, a_mailer, a_newsletter, many

TOKEN = "0123456789abcdef0123456789abcdef01234567"
NAMED = f"Nov 25 10:00:01 mx postfix/cleanup[812]: 4XyzAB12cdz1: message-id=<{TOKEN}@a.example>"
QUEUED = (
    "Nov 25 10:00:01 mx postfix/qmgr[601]: 4XyzAB12cdz1: from=<b+1@a.example>, size=41022, "
    "nrcpt=1 (queue active)"
)
SENT = (
    "Nov 25 10:00:02 mx postfix/smtp[815]: 4XyzAB12cdz1: to=<p@b.example>, "
    "relay=mx.b.example[192.0.2.9]:25, delay=0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
)
EXIM = (
    f"2026-11-25 10:00:01 1vNc5x-000000002Lq-0abc <= b+1@a.example H=(us) [192.0.2.1] P=esmtp "
    f"S=41022 id={TOKEN}@a.example"
)


def test_postfix_has_accepted_a_message_once_its_queue_logs_it() -> None:
    assert queue_ids_in([NAMED]) == {}  # written while the content still came in
    assert queue_ids_in([NAMED, QUEUED]) == {TOKEN: "4XyzAB12cdz1"}
    assert queue_ids_in([SENT, NAMED]) == {TOKEN: "4XyzAB12cdz1"}
    assert queue_ids_in([QUEUED, SENT]) == {}


def test_exim_logs_an_accepted_message_in_one_line() -> None:
    assert queue_ids_in([EXIM]) == {TOKEN: "1vNc5x-000000002Lq-0abc"}
    assert queue_ids_in([EXIM.replace("<=", "**")]) == {}


@given(st.lists(st.text() | st.sampled_from([NAMED, QUEUED, SENT, EXIM])))
def test_any_text_is_read_without_an_error(lines: list[str]) -> None:
    queue_ids_in(lines)


def in_doubt(mailer: Mailer, people: int) -> list[int]:
    """A campaign whose copies are all in doubt; the ids of its deliveries."""
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, people)
        campaign = a_campaign(session, newsletter.id)
        for person in range(1, people + 1):
            session.add(
                Delivery(
                    campaign_id=campaign.id,
                    contact_id=person,
                    address=f"person{person}@a.example",
                    status=DeliveryStatus.UNCERTAIN,
                    attempts=1,
                    changed_at=now(),
                )
            )
        session.flush()
        return [each.id for each in session.query(Delivery).order_by(Delivery.id)]


def lines_of(tokens: Tokens, delivery_id: int, purpose: Purpose = Purpose.MESSAGE) -> list[str]:
    token = tokens.seal_for_mail(purpose, delivery_id)
    return [NAMED.replace(TOKEN, token), SENT]


def statuses(mailer: Mailer) -> list[str]:
    with mailer.database.reading() as session:
        return [each.status.value for each in session.query(Delivery).order_by(Delivery.id)]


def settle(mailer: Mailer, lines: list[str]) -> int:
    with mailer.database.writing() as session:
        campaign_id = session.query(Campaign).one().id
        accepted = accepted_in(lines, tokens=mailer.tokens)
        return settle_by_log(session, campaign_id, accepted, actor=TESTER, now=now())


def test_a_delivery_in_the_log_is_no_longer_in_doubt(database: Database, tmp_path: Path) -> None:
    mailer = a_mailer(database, tmp_path)
    ids = in_doubt(mailer, 3)
    assert settle(mailer, lines_of(mailer.tokens, ids[1])) == 1
    assert statuses(mailer) == ["uncertain", "accepted", "uncertain"]


def test_a_forged_or_foreign_message_id_settles_nothing(database: Database, tmp_path: Path) -> None:
    mailer = a_mailer(database, tmp_path)
    ids = in_doubt(mailer, 1)
    forged = lines_of(Tokens(b"somebody else's"), ids[0])
    other_use = lines_of(mailer.tokens, ids[0], Purpose.RETURN)
    assert settle(mailer, [*forged, *other_use]) == 0


def test_only_deliveries_in_doubt_are_settled(database: Database, tmp_path: Path) -> None:
    mailer = a_mailer(database, tmp_path)
    ids = in_doubt(mailer, 1)
    with mailer.database.writing() as session:
        session.execute(update(Delivery).values(status=DeliveryStatus.REFUSED))
    assert settle(mailer, lines_of(mailer.tokens, ids[0])) == 0
    assert statuses(mailer) == ["refused"]
