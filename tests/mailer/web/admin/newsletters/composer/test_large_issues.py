"""An issue as large as it may be is shown, saved, checked and compared within seconds; of a larger
one pages say what to do."""

import time
from typing import Any, Final

import pytest

from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from mailer.campaigns.drafts import versions
from mailer.models import Campaign, VersionReason
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

pytestmark = pytest.mark.slow
ISSUE: Final = "/issues/members-update/2026-12"
COMPOSE: Final = f"{ISSUE}/compose"
# What Markdown readers have been slow with, as long as a text may be.
LARGEST: Final = {
    "words": "word " * 20_000,
    "brackets": "[" * 100_000,
    "stars": "*a **b " * 14_000,
    "quotes": "> " * 1_000 + "\n" + "> a\n" * 24_000,
    "lines": "a\n\n" * 33_000,
    "one word": "a" * 100_000,
}


def _issue(mailer: Mailer, cast: Cast, blocks: list[dict[str, Any]]) -> None:
    with mailer.database.writing() as session:
        document = {"version": 1, "blocks": blocks}
        a_campaign(session, cast.newsletter, document, slug="2026-12")


def _seconds(since: float) -> float:
    return time.process_time() - since


@pytest.mark.parametrize("text", LARGEST.values(), ids=LARGEST.keys())
def test_the_longest_text_is_saved_shown_and_compared_within_seconds(
    mailer: Mailer, cast: Cast, editor: Browser, text: str
) -> None:
    _issue(mailer, cast, [{"id": "t", "type": "text", "text": "Short."}])
    spent: dict[str, float] = {}

    started = time.process_time()
    kept = editor.submit(f"{COMPOSE}?open=t", {"text": text}, to=f"{COMPOSE}/t")
    spent["save"] = _seconds(started)
    with mailer.database.writing() as session:
        draft, now = editing.find(session, 1), mailer.clock()
        versions.keep(session, draft, VersionReason.TESTED, actor=TESTER, now=now)
        document = {"version": 1, "blocks": [{"id": "t", "type": "text", "text": text[::-1]}]}
        editing.edit(session, 1, document=document, actor=TESTER, now=now)
    pages = (f"{COMPOSE}?open=t", f"{COMPOSE}/preview", f"{COMPOSE}/checks", f"{COMPOSE}/strip")
    for page in (*pages, f"{ISSUE}/versions", f"{ISSUE}/versions/1", f"{ISSUE}/approval"):
        started = time.process_time()
        answer = editor.get(page)
        spent[page] = _seconds(started)
        assert answer.status_code == 200, page

    assert kept.status_code == 200
    assert {page: each for page, each in spent.items() if each > 10} == {}


def test_fifty_thousand_words_are_kept_and_the_checks_say_to_shorten_them(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    _issue(mailer, cast, [{"id": "t", "type": "text", "text": "Short."}])
    started = time.process_time()

    editor.submit(f"{COMPOSE}?open=t", {"text": "words " * 50_000}, to=f"{COMPOSE}/t")

    assert "Shorten" in visible_text(editor.get(f"{COMPOSE}/checks"))
    assert _seconds(started) < 10
    with mailer.database.reading() as session:
        (block,) = session.get_one(Campaign, 1).document["blocks"]
    assert len(block["text"].split()) == 50_000


def test_as_many_blocks_as_there_may_be_are_shown_and_one_more_is_refused(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    text = "A few words of news. " * 200
    _issue(mailer, cast, [{"id": f"t{at}", "type": "text", "text": text} for at in range(200)])
    started = time.process_time()

    for page in (COMPOSE, f"{COMPOSE}/preview", f"{COMPOSE}/checks", f"{COMPOSE}?open=t7"):
        assert editor.get(page).status_code == 200
    assert _seconds(started) < 15
    answer = editor.submit(COMPOSE, {"type": "text", "after": "t3"}, to=f"{COMPOSE}/add")

    assert answer.status_code == 400
    assert "Keep to 200 blocks: there are 201." in visible_text(answer)


def test_five_hundred_blocks_are_nowhere_composed_and_every_page_says_why(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    _issue(mailer, cast, [{"type": "text", "text": "News."}] * 500)

    for page in (COMPOSE, f"{COMPOSE}/checks"):
        assert "Keep to 200 blocks: there are 500." in visible_text(editor.get(page))
    assert "News." not in editor.get(f"{COMPOSE}/preview").text
