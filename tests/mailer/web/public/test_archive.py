"""The public archive: what everyone may read of issues that have been sent, and corrections."""

import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from contacts.permission import newsletters
from contacts.segments import Group, library
from mailer.bootstrap import Mailer
from mailer.campaigns import editing, sending
from mailer.campaigns.archive.corrections import correct
from mailer.campaigns.freezing import freeze
from mailer.errors import DocumentError, FormError, NotAllowed, NotFound
from mailer.models import (
    Batch,
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Receipt,
    Version,
)
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from tests.factories import TESTER, Cast, a_document
from tests.mailer.web.browser import SITE, Browser, visible_text

LIST = "/archive/members-update"
ATOM = "{http://www.w3.org/2005/Atom}"
HELLO = {"id": "t", "type": "text", "text": "Hello {{first_name|friend}}, meet on 8 Jan."}
SECRET = {"id": "s", "type": "text", "text": "Zebra: for full members.", "visible_to": ["full"]}


@pytest.fixture
def archive(mailer: Mailer, cast: Cast) -> Cast:
    """A newsletter whose archive is on."""
    with mailer.database.writing() as session:
        newsletters.newsletter_of(session, "members-update").archive_on = True
    return cast


def sent(mailer: Mailer, cast: Cast, slug: str = "2026-11", **more: Any) -> int:
    """An issue that has gone out."""
    issue = launched(mailer, cast, slug, **more)
    with mailer.database.writing() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.campaign_id == issue, Delivery.status == DeliveryStatus.PENDING)
            .values(status=DeliveryStatus.ACCEPTED)
        )
        session.execute(update(Batch).where(Batch.campaign_id == issue).values(open=False))
        assert sending.finish_if_done(session, issue, now=mailer.clock())
    return issue


def launched(
    mailer: Mailer,
    cast: Cast,
    slug: str,
    subject: str = "News for {{first_name|members}}",
    segment: int | None = None,
) -> int:
    with mailer.database.writing() as session:
        made = editing.create(
            session,
            newsletters.newsletter_of(session, "members-update"),
            name="",
            subject=subject,
            preview_text="What is in it",
            document=a_document(HELLO, SECRET),
            segment_id=segment,
            slug=slug,
            actor=TESTER,
            now=mailer.clock(),
        )
        sending.launch(session, made.id, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())
        issue = made.id
    freeze(mailer.database, issue, clock=mailer.clock)
    del cast
    return issue


def corrected(
    mailer: Mailer, issue: int, text: str, *, block: str = "t", note: str = "9 Jan"
) -> None:
    with mailer.database.writing() as session:
        now = mailer.clock()
        correct(session, issue, block, {"text": text}, note=note, actor=TESTER, now=now)


def test_the_list_names_what_was_sent_and_nothing_else(
    mailer: Mailer, archive: Cast, visitor: Browser
) -> None:
    sent(mailer, archive)
    launched(mailer, archive, "going", subject="On its way")
    stopped = launched(mailer, archive, "stopped", subject="Stopped")
    with mailer.database.writing() as session:
        sending.stop(session, stopped, actor=TESTER, now=mailer.clock())
        assert sending.finish_if_done(session, stopped, now=mailer.clock())
        sending.settle(session, stopped, now=mailer.clock())
        assert session.get_one(Campaign, stopped).status is CampaignStatus.SETTLED

    page = visible_text(visitor.get(LIST))

    assert "News for members" in page
    assert "On its way" not in page
    assert "Stopped" not in page
    for slug in ("going", "stopped", "nothing"):
        assert visitor.get(f"{LIST}/{slug}").status_code == 404


def test_an_archive_that_is_off_shows_nothing(mailer: Mailer, cast: Cast, visitor: Browser) -> None:
    sent(mailer, cast)

    for path in (LIST, f"{LIST}/2026-11", f"{LIST}/feed.atom", "/archive/unknown"):
        assert visitor.get(path).status_code == 404
    assert "/archive/" not in visitor.get("/join/members-update").text


def test_a_page_has_what_everyone_reads_and_no_persons_words(
    mailer: Mailer, archive: Cast, visitor: Browser
) -> None:
    sent(mailer, archive)

    page = visitor.get(f"{LIST}/2026-11")

    assert "Hello friend, meet on 8 Jan." in visible_text(page)
    assert "Zebra" not in page.text
    assert f'<link rel="canonical" href="{SITE}{LIST}/2026-11">' in page.text
    assert '<meta property="og:title" content="News for members">' in page.text
    assert "X-Robots-Tag" not in page.headers
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.text.count("<h1") == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [("8 JAN", True), ("news friend", True), ("zebra", False), ("full", False), ("%", False)],
)
def test_a_search_finds_words_that_everyone_reads(
    mailer: Mailer, archive: Cast, visitor: Browser, words: str, found: bool
) -> None:
    sent(mailer, archive)

    page = visitor.get(LIST, query_string={"q": words})

    assert (f"{LIST}/2026-11" in page.text) is found
    assert ("No issue has all of these words" in visible_text(page)) is not found


def test_an_issue_for_a_segment_is_shown_only_where_the_newsletter_says_so(
    mailer: Mailer, archive: Cast, visitor: Browser
) -> None:
    with mailer.database.writing() as session:
        made = library.save(
            session, name="All", group=Group("all", ()), segment=None, now=mailer.clock()
        )
        segment = made.id
    sent(mailer, archive, segment=segment)

    hidden = visitor.get(f"{LIST}/2026-11").status_code
    with mailer.database.writing() as session:
        newsletters.newsletter_of(session, "members-update").archive_segments = True

    assert (hidden, visitor.get(f"{LIST}/2026-11").status_code) == (404, 200)


def test_the_feed_is_valid_atom(mailer: Mailer, archive: Cast, visitor: Browser) -> None:
    sent(mailer, archive, "first", subject="A & B <i>")
    sent(mailer, archive, "second")

    answer = visitor.get(f"{LIST}/feed.atom")
    feed = ET.fromstring(answer.text)

    assert answer.mimetype == "application/atom+xml"
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    entries = feed.findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}title") for each in entries] == ["News for members", "A & B <i>"]
    for each in (feed, *entries):  # RFC 4287 4.1.1 and 4.1.2: one of each
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"{ATOM}{name}")) == 1
        assert datetime.fromisoformat(each.findtext(f"{ATOM}updated") or "").tzinfo
    ids = [each.findtext(f"{ATOM}id") for each in entries]
    assert ids == [f"{SITE}{LIST}/second", f"{SITE}{LIST}/first"]
    (itself,) = [each for each in feed.findall(f"{ATOM}link") if each.get("rel") == "self"]
    assert itself.get("href") == f"{SITE}{LIST}/feed.atom"


def test_a_feed_without_issues_is_valid_too(archive: Cast, visitor: Browser) -> None:
    del archive

    feed = ET.fromstring(visitor.get(f"{LIST}/feed.atom").text)

    assert feed.findtext(f"{ATOM}updated")


def test_a_correction_shows_on_the_page_with_its_day_and_leaves_the_mail_alone(
    mailer: Mailer, archive: Cast, visitor: Browser
) -> None:
    issue = sent(mailer, archive)
    before = ET.fromstring(visitor.get(f"{LIST}/feed.atom").text)

    corrected(mailer, issue, "Hello, meet on 9 Jan.", note="The day is <9> Jan.")

    page = visible_text(visitor.get(f"{LIST}/2026-11"))
    after = ET.fromstring(visitor.get(f"{LIST}/feed.atom").text)
    assert "meet on 9 Jan." in page
    assert "8 Jan" not in page
    assert ": The day is <9> Jan." in page
    assert "Corrected " in page
    path = f"{ATOM}entry/{ATOM}"
    assert (before.findtext(f"{path}id")) == after.findtext(f"{path}id")
    assert (before.findtext(f"{path}updated") or "") < (after.findtext(f"{path}updated") or "")
    with mailer.database.reading() as session:
        version = session.scalars(select(Version).where(Version.campaign_id == issue)).one()
        assert "8 Jan" in str(version.document)
        delivery = session.scalars(select(Delivery.id).where(Delivery.campaign_id == issue)).first()
    own = mailer.tokens.seal(Purpose.ONLINE, delivery or 0)
    assert "8 Jan" in visitor.get(f"/v/{own}").text


def test_a_correction_is_of_words_on_the_page_and_says_what_it_is(
    mailer: Mailer, archive: Cast
) -> None:
    issue = sent(mailer, archive)
    going = launched(mailer, archive, "going", subject="Going")

    for said, number, values, error in (
        ("", issue, {"text": "Other."}, FormError),
        ("x" * 301, issue, {"text": "Other."}, FormError),
        ("Same", issue, {"text": HELLO["text"]}, FormError),
        ("Seen by others", issue, {"visible_to": ["full"]}, FormError),
        ("Broken", issue, {"text": "[x](javascript:alert(1))"}, DocumentError),
        ("Going", going, {"text": "Other."}, NotAllowed),
    ):
        now = mailer.clock()
        with mailer.database.writing() as session, pytest.raises(error):
            correct(session, number, "t", values, note=said, actor=TESTER, now=now)
    with pytest.raises(NotFound):
        corrected(mailer, issue, "Open to all.", block="s")


def test_an_editor_corrects_a_block_by_its_form(
    mailer: Mailer, archive: Cast, editor: Browser
) -> None:
    issue = sent(mailer, archive)
    page = "/issues/members-update/2026-11/correct"

    refused = editor.submit(f"{page}?block=t", {"text": "Meet on 9 Jan."}, to=f"{page}/t")
    kept = editor.submit(
        f"{page}?block=t", {"text": "Meet on 9 Jan.", "note": "The day"}, to=f"{page}/t"
    )

    assert refused.status_code == 422
    assert "Say what is corrected" in visible_text(refused)
    assert "Meet on 9 Jan." in refused.text
    assert "The day" in visible_text(kept)
    assert "Meet on 9 Jan." in editor.get(f"{LIST}/2026-11").text
    assert "Zebra" not in editor.get(page).text
    assert page in editor.get("/issues/members-update/2026-11/report").text
    with mailer.database.reading() as session:
        assert session.get_one(Campaign, issue).version == 1


def test_a_copys_own_link_shows_what_its_person_got_and_counts_nothing(
    mailer: Mailer, archive: Cast, visitor: Browser
) -> None:
    issue = sent(mailer, archive)
    with mailer.database.reading() as session:
        hers = select(Delivery.id).where(
            Delivery.campaign_id == issue, Delivery.contact_id == archive.alice
        )
        delivery = session.scalars(hers).one()

    page = visitor.get(f"/v/{mailer.tokens.seal(Purpose.ONLINE, delivery)}")

    assert "Hello Alice" in visible_text(page)
    assert "Zebra" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "/c/" not in page.text
    assert "alice@aldmor.example" not in page.text
    with mailer.database.reading() as session:
        assert session.scalars(select(Receipt)).all() == []


def test_the_footer_and_the_sign_up_page_lead_to_past_issues(
    mailer: Mailer, archive: Cast, visitor: Browser
) -> None:
    sent(mailer, archive)

    assert f'href="{SITE}{LIST}"' in visitor.get(f"{LIST}/2026-11").text
    assert f'href="{LIST}"' in visitor.get("/join/members-update").text
