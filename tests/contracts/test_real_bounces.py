"""What Postfix and Exim themselves send back finds its delivery and its person."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.models import Suppression
from mailer.bootstrap import Mailer
from mailer.models import Delivery, DeliveryStatus, Receipt, ReceiptKind
from mailer.receipts.incoming import folder
from mailer.receipts.incoming.intake import Intake
from mailer.settings.listen_address import ListenAddress
from tests.contracts.awkward import launched
from tests.factories import a_mailer
from tests.mailer.receipts.incoming.rooms import ListenerFolder
from tests.running import a_worker, wait_for_end
from tests.servers import ATTIC, FAR, HALL, RETURNS, MailServer, until

BOUNCED, RETURNED, DELAYED = ReceiptKind.HARD_BOUNCED, ReceiptKind.SOFT_BOUNCED, ReceiptKind.DELAYED
# To whom, what is heard of it in the end, and what was heard before that.
EXPECTED = {
    f"nobody@{ATTIC}": (BOUNCED, "userunknown"),
    f"gone@{FAR}": (BOUNCED, "userunknown"),
    f"blocked@{FAR}": (RETURNED, "blocked"),
    f"spam@{FAR}": (RETURNED, "spamdetected"),
    f"full@{FAR}": (RETURNED, "mailboxfull"),
    f"late@{FAR}": (RETURNED, "mailboxfull"),
    f"slow@{FAR}": (DELAYED, "speeding"),
}
FINE = (f"person1@{HALL}", f"well@{FAR}")


@pytest.fixture
def mailer(sqlite_url: str, tmp_path: Path) -> Iterator[Mailer]:
    database = Database(sqlite_url)
    yield a_mailer(database, tmp_path, bounce_domain=RETURNS)
    database.dispose()


def receipts_by_address(mailer: Mailer) -> dict[str, dict[ReceiptKind, str | None]]:
    """By address, the kinds of receipts there are, each with its reason."""
    found: dict[str, dict[ReceiptKind, str | None]] = {}
    query = select(Delivery.address, Receipt.kind, Receipt.reason).join(
        Receipt, Receipt.delivery_id == Delivery.id
    )
    with mailer.database.reading() as session:
        for address, kind, reason in session.execute(query):
            found.setdefault(address or "", {})[kind] = reason
    return found


def test_real_bounces_find_their_delivery_and_their_person(
    mailer: Mailer, server: MailServer
) -> None:
    room, intake = ListenerFolder(mailer.settings.incoming_dir), Intake(mailer)

    def all_have_arrived() -> bool:
        intake.take_all()
        receipts = receipts_by_address(mailer)
        return all(kind in receipts.get(address, {}) for address, (kind, _) in EXPECTED.items())

    with room.listening(ListenAddress("127.0.0.1", server.returns)):
        campaign_id = launched(mailer, [*EXPECTED, *FINE])
        with a_worker(mailer, port=server.port):
            ended = wait_for_end(mailer, campaign_id, seconds=20)
        all_came = until(all_have_arrived, seconds=12)

    intake.take_all()  # one more may have come just before the door closed

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: len(EXPECTED) + len(FINE)}
    receipts = receipts_by_address(mailer)
    assert all_came, receipts
    assert {address: receipts[address][kind] for address, (kind, _) in EXPECTED.items()} == {
        address: reason for address, (_, reason) in EXPECTED.items()
    }
    assert not receipts.keys() & set(FINE)
    with mailer.database.reading() as session:
        suppressed = set(session.scalars(select(Suppression.address_key)))
    assert suppressed == {address for address, (kind, _) in EXPECTED.items() if kind is BOUNCED}
    assert list(folder.waiting(mailer.settings.incoming_dir)) == []
    assert not (mailer.settings.incoming_dir / "to-look-at").exists()
