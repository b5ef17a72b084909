"""Hostile words in every field of an issue run nothing in a real browser, and break no page."""

from typing import Final

import pytest
from playwright.sync_api import Browser, Dialog, expect

from mailer.bootstrap import bootstrap
from mailer.campaigns import editing
from mailer.campaigns.drafts.versions import keep
from mailer.models import Campaign, VersionReason
from mailer.settings.environment import Settings
from tests.browser import crawling
from tests.browser.conftest import Served
from tests.browser.demo_steps import sign_in
from tests.factories import TESTER
from tests.mailer.web.admin.newsletters.composer.test_hostile_content import HOSTILE, every_kind

_SAID: Final = " ".join(HOSTILE[each] for each in ("script", "attribute", "vector", "comment"))
_KINDS: Final = ("story", "event_list", "poll", "text", "two_columns", "social_links")


def _fill(served: Served, *, said: str) -> None:
    mailer = bootstrap(Settings(data_dir=served.folder))
    with mailer.database.writing() as session:
        issue = session.get_one(Campaign, 1)
        now, blocks = mailer.clock(), every_kind(said)
        for some in (blocks, blocks[1:]):
            editing.edit(
                session,
                issue.id,
                document={"version": 1, "blocks": some},
                subject=said[:200],
                preview_text=said[:200],
                actor=TESTER,
                now=now,
            )
            keep(session, issue, VersionReason.TESTED, actor=TESTER, now=now)
    mailer.database.dispose()


@pytest.mark.browser
@pytest.mark.slow
def test_hostile_words_run_nothing_in_a_browser(served: Served, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, served)
    issue = crawling.issue_of(context, served)
    _fill(served, said=_SAID)
    ran: list[str] = []

    def opened(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    compose = f"{issue}/compose"
    places = [
        *("/", "/issues/", issue, compose, f"{compose}/checks", f"{compose}?tab=preview"),
        *(f"{issue}/approval", f"{issue}/send", f"{issue}/edit", f"{issue}/versions"),
        f"{issue}/versions/2?against=1",
        *(f"{compose}?open=x-{kind}#b-x-{kind}" for kind in _KINDS),
        f"/search?q={HOSTILE['script']}",
    ]

    for place in places:
        page.goto(served.site + place)
        expect(page.locator("h1")).to_be_attached()
        page.mouse.move(300, 300)  # whatever waits for a pointer
        assert page.evaluate("window.hit") is None, place
        assert page.locator("hit, [data-hit]").count() == 0, place
    inside = context.new_page()
    inside.goto(f"{served.site}{compose}/preview")
    assert inside.locator("hit, [data-hit], script, [onload], [onerror]").count() == 0

    assert ran == []
    context.close()
