"""Numbers of pages that could not be counted at once say when they were, and are counted again."""

import pytest

from contacts.models import Newsletter
from mailer.audience import counting, kept
from mailer.bootstrap import Mailer
from mailer.counts import keeping
from tests.factories import Cast, a_campaign, a_contact
from tests.mailer.web.browser import Browser, visible_text


def _recount(mailer: Mailer) -> None:
    with mailer.database.reading() as session:
        wanted = keeping.next_wanted(session)
    assert wanted is not None
    keeping.recount(mailer.database, kept.KINDS, wanted, clock=mailer.clock)


def test_an_old_number_says_so_until_a_worker_has_counted_again(
    mailer: Mailer, editor: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "CHEAP", -1)
    with mailer.database.writing() as session:
        a_campaign(session, cast.newsletter, slug="2026-12")
    page = "/issues/members-update/2026-12/send"
    assert "Counted" not in visible_text(editor.get(page))
    with mailer.database.writing() as session:
        newsletter = session.get_one(Newsletter, cast.newsletter)
        a_contact(session, "Dai", "dai@aldmor.example", newsletter)

    old = visible_text(editor.get(page))
    assert "Counted" in old
    assert "being counted again" in old
    assert "Send this to 1 person?" in old
    _recount(mailer)

    fresh = visible_text(editor.get(page))
    assert "Counted" not in fresh
    assert "Send this to 2 people?" in fresh


def test_looking_twice_counts_once(
    mailer: Mailer, editor: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailer.database.writing() as session:
        a_campaign(session, cast.newsletter, slug="2026-12")
    page = "/issues/members-update/2026-12/send"
    first = visible_text(editor.get(page))
    monkeypatch.setattr(counting, "count", lambda *_, **__: pytest.fail("counted again"))

    assert visible_text(editor.get(page)) == first


def test_beside_a_category_stands_how_many_of_it_get_the_issue(
    mailer: Mailer, editor: Browser, cast: Cast
) -> None:
    with mailer.database.writing() as session:
        a_campaign(session, cast.newsletter, slug="2026-12")

    page = editor.get("/issues/members-update/2026-12/compose?open=t")

    assert "Full 1" in visible_text(page)
    assert "Supporter 0" in visible_text(page)
