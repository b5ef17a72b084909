"""Pixels and clicks: answered from memory, spooled with one write, taken exactly once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from werkzeug.test import Client

from contacts.database import Database
from contacts.models import Contact
from contacts.permission.subscriptions import allow_tracking
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery, Link, Receipt, ReceiptKind, Verdict
from mailer.receipts.tracking import spool
from mailer.receipts.tracking.drain import Drain
from mailer.receipts.tracking.machines import Machines
from mailer.receipts.tracking.spool import Hit, SpoolWriter
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from mailer.web.hooks.links import LinkTable
from mailer.web.hooks.tracking import PIXEL, Tracking
from tests.factories import NOW, TESTER, a_campaign, a_cast, a_mailer


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


@pytest.fixture
def token(mailer: Mailer) -> str:
    """The tracking token of Alice's copy."""
    with mailer.database.writing() as session:
        cast = a_cast(session)
        campaign_id = a_campaign(session, cast.newsletter).id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, campaign_id, clock=lambda: NOW)
    with mailer.database.reading() as session:
        delivery_id = session.scalars(
            select(Delivery.id).where(Delivery.contact_id == cast.alice)
        ).one()
    return mailer.tokens.seal(Purpose.TRACK, delivery_id, campaign_id)


@pytest.fixture
def web(mailer: Mailer) -> Iterator[Client]:
    def nothing_else(_environ: object, start_response: object) -> list[bytes]:
        start_response("404 Not Found", [])  # type: ignore[operator]  # WSGI's callable
        return [b"elsewhere"]

    writer = SpoolWriter(mailer.settings.spool_dir)
    yield Client(
        Tracking(
            nothing_else,
            tokens=mailer.tokens,
            spool=writer,
            links=LinkTable(mailer.database),
            machines=Machines(mailer.settings.secret),
        )
    )
    writer.close()


def test_an_address_beyond_ascii_leads_where_it_should(
    mailer: Mailer, web: Client, token: str
) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Link).values(url="https://caf\u00e9.example/\u00e9?x=\u00fc#\u00f6"))

    location = web.get(f"/c/{token}/1").headers["Location"]

    assert location == "https://xn--caf-dma.example/%C3%A9?x=%C3%BC#%C3%B6"


def test_what_is_known_is_answered_without_a_database(
    mailer: Mailer, web: Client, token: str
) -> None:
    tracking = web.application
    assert isinstance(tracking, Tracking)
    click = f"/c/{token}/1"

    first = tracking.at_once(click, "GET", {}, "192.0.2.1")
    web.get(click)
    mailer.database.dispose()
    again = tracking.at_once(click, "GET", {}, "192.0.2.1")

    assert first is None
    assert again is not None
    assert (again.status, dict(again.headers)["Location"]) == (302, "https://a.example/x")
    picture = tracking.at_once(f"/o/{token}.gif", "GET", {}, "192.0.2.1")
    assert picture is not None
    assert picture.body == PIXEL


def receipts(mailer: Mailer) -> list[Receipt]:
    with mailer.database.reading() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.id)))


def test_an_open_and_a_click_become_one_receipt_each(
    mailer: Mailer, web: Client, token: str
) -> None:
    pixel = web.get(f"/o/{token}.gif")
    click = web.get(f"/c/{token}/1")

    Drain(mailer).take_all()
    Drain(mailer).take_all()

    assert (pixel.status_code, pixel.data, len(PIXEL)) == (200, PIXEL, 43)
    assert (click.status_code, click.headers["Location"]) == (302, "https://a.example/x")
    assert "Set-Cookie" not in pixel.headers
    assert pixel.headers["Cache-Control"] == "no-store, private, max-age=0"
    assert [each.kind for each in receipts(mailer)] == [ReceiptKind.OPENED, ReceiptKind.CLICKED]


def test_a_request_for_no_content_is_a_machine(mailer: Mailer, web: Client, token: str) -> None:
    answers = [web.head(f"/o/{token}.gif"), web.head(f"/c/{token}/1")]

    Drain(mailer).take_all()

    assert [each.status_code for each in answers] == [200, 302]
    assert [(each.verdict, each.grounds) for each in receipts(mailer)] == [
        (Verdict.AUTOMATIC, "no-agent head")
    ] * 2


def test_a_link_leads_nowhere_that_its_campaign_does_not_name(web: Client, token: str) -> None:
    for path in (f"/c/{token}/2", f"/c/{token}/0", f"/c/{token}/https://evil.example", "/c/x/1"):
        answer = web.get(path)

        assert answer.status_code == 404
        assert "Location" not in answer.headers


def test_a_made_up_token_gets_the_same_picture_and_counts_nothing(
    mailer: Mailer, web: Client, token: str
) -> None:
    forged = ("A" if token[0] != "A" else "B") + token[1:]

    real, made_up = web.get(f"/o/{token}.gif"), web.get(f"/o/{forged}.gif")
    Drain(mailer).take_all()

    assert real.data == made_up.data
    assert dict(real.headers) == dict(made_up.headers)
    assert len(receipts(mailer)) == 1


def test_a_made_up_token_takes_no_room(mailer: Mailer, web: Client) -> None:
    for number in range(20):
        web.get(f"/o/{'A' * 30}{number:02d}.gif")

    assert spool.files(mailer.settings.spool_dir) == []


def test_hits_leave_room_on_the_disk(
    mailer: Mailer, web: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nearly_full(_path: object) -> os.statvfs_result:
        return os.statvfs_result((4096, 4096, 10_000, 100, 100, 1000, 1000, 1000, 0, 255))

    monkeypatch.setattr(os, "statvfs", nearly_full)

    assert web.get(f"/o/{token}.gif").data == PIXEL
    assert web.get(f"/c/{token}/1").status_code == 302
    assert spool.files(mailer.settings.spool_dir) == []


def test_withdrawn_consent_also_counts_for_mail_sent_before(
    mailer: Mailer, web: Client, token: str
) -> None:
    web.get(f"/o/{token}.gif")
    with mailer.database.writing() as session:
        alice = session.get_one(Contact, 1)
        allow_tracking(session, alice, agreed=False, source=TESTER, words="", now=NOW)

    Drain(mailer).take_all()

    assert receipts(mailer) == []


def test_the_prefetch_of_apple_is_automatic(mailer: Mailer, web: Client, token: str) -> None:
    web.get(f"/o/{token}.gif", headers={"User-Agent": "Mozilla/5.0"})

    Drain(mailer).take_all()

    assert [each.verdict for each in receipts(mailer)] == [Verdict.AUTOMATIC]


def test_a_writer_that_was_killed_loses_no_line(mailer: Mailer, token: str) -> None:
    writer = SpoolWriter(mailer.settings.spool_dir)
    for number in range(5):
        writer.append(Hit(1_800_000_000_000 + number, token, 0))
    (path,) = spool.files(mailer.settings.spool_dir)
    with path.open("ab") as torn:
        torn.write(b"18000000000")  # a line that a full disk cut off
    assert writer._file is not None
    os.close(writer._file)  # the kernel drops the lock of a killed process too

    drain = Drain(mailer)
    drain.take_all()
    drain.take_all()

    assert len(receipts(mailer)) == 5
    assert spool.files(mailer.settings.spool_dir) == []


def test_a_drain_that_was_cut_off_takes_nothing_twice(mailer: Mailer, token: str) -> None:
    writer = SpoolWriter(mailer.settings.spool_dir)
    writer.append(Hit(1_800_000_000_000, token, 0))
    drain = Drain(mailer)
    drain.take_all()
    writer.append(Hit(1_800_000_000_001, token, 1))

    drain.take_all()
    Drain(mailer).take_all()

    assert [each.link for each in receipts(mailer)] == [None, 1]
    writer.close()


def test_a_file_that_is_being_written_stays(mailer: Mailer, token: str) -> None:
    writer = SpoolWriter(mailer.settings.spool_dir)
    writer.append(Hit(1_800_000_000_000, token, 0))
    drain = Drain(mailer)

    for _ in range(3):
        drain.take_all()

    assert len(spool.files(mailer.settings.spool_dir)) == 1
    writer.close()
