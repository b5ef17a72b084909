"""The page of the composer by itself: what it shows without being asked, and to whom."""

import re

import pytest

from mailer.bootstrap import Mailer
from tests.factories import Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

FRAME = {
    "version": 1,
    "blocks": [
        {"id": "top", "type": "masthead", "title": "News", "date": "December 2026"},
        {"id": "one", "type": "text", "text": "One."},
        {"id": "end", "type": "footer"},
    ],
}


@pytest.fixture
def page(mailer: Mailer, cast: Cast) -> str:
    with mailer.database.writing() as session:
        slug = a_campaign(session, cast.newsletter, FRAME).slug
    return f"/issues/members-update/{slug}/compose"


def test_the_blocks_and_the_mail_on_a_desktop_are_what_is_shown_first(
    page: str, editor: Browser
) -> None:
    shown = editor.get(page).text

    assert 'data-tab="edit"' in shown
    assert re.search(r'value="desktop"\s+checked', shown)
    assert re.search(r'src="[^"]*/preview\?width=desktop&amp;pictures=on', shown)


def test_what_is_asked_for_in_the_address_is_one_of_a_few(page: str, editor: Browser) -> None:
    shown = editor.get(f"{page}?tab=nowhere&width=wall&pictures=%22%3E&open=nothing").text

    assert 'data-tab="edit"' in shown
    assert "nowhere" not in shown
    assert "data-saves" not in shown


def test_a_viewer_sees_the_blocks_and_can_change_none(page: str, viewer: Browser) -> None:
    shown = viewer.get(f"{page}?open=one")

    assert "Text" in visible_text(shown)
    for never in ("data-saves", "data-grip", "Add here", "Send me a test", 'id="palette"'):
        assert never not in shown.text
    assert viewer.submit(page, to=f"{page}/one/remove").status_code in (400, 403)


def test_two_texts_of_one_block_are_shown_without_script_and_either_can_stay(
    page: str, editor: Browser, mailer: Mailer
) -> None:
    seen = re.findall(r'name="revision" value="([^"]+)"', editor.get(f"{page}?open=one").text)[-1]
    to = f"{page}/one"
    editor.submit(f"{page}?open=one", {"text": "Theirs."}, to=to)

    both = editor.submit(f"{page}?open=one", {"text": "Mine.", "revision": seen}, to=to)

    assert both.status_code == 409
    assert "changed this while you were writing" in visible_text(both)
    assert 'name="text" value="Mine."' in both.text
    now = re.findall(r'name="revision" value="([^"]+)"', both.text)[-1]
    editor.submit(page, {"text": "Mine.", "revision": now, "keep": "theirs"}, to=to)
    assert "Theirs." in editor.get(f"{page}?open=one").text
    versions = visible_text(editor.get(page.replace("/compose", "/versions")))
    assert "Words that gave way" in versions
    assert "Mine." in versions
