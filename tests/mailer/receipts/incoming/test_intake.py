"""The intake reads what the listener kept, once, and loses nothing that it cannot read."""

from pathlib import Path

import pytest

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.models import Delivery, DeliveryStatus, ReceiptKind
from mailer.receipts.incoming import folder
from mailer.receipts.incoming.intake import Intake
from mailer.security.tokens import Purpose
from tests.factories import NOW, a_mailer
from tests.mailer.receipts.bouncing import bounce, complaint, wish_to_leave
from tests.mailer.receipts.test_consequences import receipts, sent, suppression


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def put(mailer: Mailer, message: bytes, sent_to: str = "postmaster@network.example") -> None:
    folder.put(mailer.settings.incoming_dir, message, sent_to=sent_to, sent_from="")


def set_aside(mailer: Mailer) -> list[Path]:
    return list((mailer.settings.incoming_dir / "to-look-at").glob("*"))


def test_a_kept_bounce_is_acted_on_and_leaves_the_folder(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    put(mailer, bounce(mailer.tokens, delivery_id))

    taken = Intake(mailer).take_all()

    assert taken == 1
    assert suppression(mailer) is not None
    assert list(folder.waiting(mailer.settings.incoming_dir)) == []
    assert set_aside(mailer) == []


def test_the_envelope_alone_names_the_delivery(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    token = mailer.tokens.seal_for_mail(Purpose.RETURN, delivery_id)
    message = bounce(mailer.tokens, delivery_id)
    hidden = message.replace(b"b+" + token.encode(), b"undisclosed")
    put(mailer, hidden, sent_to=f"b+{token}@network.example")

    Intake(mailer).take_all()

    assert suppression(mailer) is not None


def test_a_message_read_again_after_a_kill_changes_nothing_more(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    message = bounce(mailer.tokens, delivery_id)
    put(mailer, message)
    Intake(mailer).take_all()

    put(mailer, message)
    Intake(mailer).take_all()

    assert len(receipts(mailer)) == 1


def test_an_unreadable_message_is_set_aside_for_a_person(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    put(mailer, b"Subject: hello\r\n\r\nWho are you?\r\n")
    put(mailer, wish_to_leave(mailer.tokens, delivery_id))

    Intake(mailer).take_all()

    assert len(set_aside(mailer)) == 1
    assert len(receipts(mailer)) == 1


def test_a_message_that_causes_an_internal_fault_is_set_aside_and_the_next_is_read(
    mailer: Mailer,
) -> None:
    [delivery_id] = sent(mailer)
    with mailer.database.writing() as session:
        orphan = Delivery(
            campaign_id=999,  # a campaign that is not there
            contact_id=1,
            address="person1@a.example",
            status=DeliveryStatus.ACCEPTED,
            attempts=1,
            changed_at=NOW,
        )
        session.add(orphan)
        session.flush()
        orphan_id = orphan.id
    put(mailer, complaint(mailer.tokens, orphan_id))
    put(mailer, bounce(mailer.tokens, delivery_id))

    taken = Intake(mailer).take_all()

    assert taken == 2
    assert len(set_aside(mailer)) == 1
    assert receipts(mailer) == [ReceiptKind.HARD_BOUNCED]


def test_a_vacation_reply_is_read_and_removed(mailer: Mailer) -> None:
    away = (
        b"From: a@a.example\r\nAuto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nBack soon.\r\n"
    )
    put(mailer, away)

    Intake(mailer).take_all()

    assert set_aside(mailer) == []
    assert list(folder.waiting(mailer.settings.incoming_dir)) == []
