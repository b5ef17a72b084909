"""The page of an issue's checks, and where other pages point to it."""

import re
from typing import Any

from mailer.bootstrap import Mailer
from mailer.models import Campaign
from tests.factories import Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

ISSUE = "/issues/members-update/2026-12"
PAGE = f"{ISSUE}/compose/checks"


def an_issue(mailer: Mailer, cast: Cast, *texts: str) -> None:
    blocks: list[dict[str, Any]] = [
        {"id": f"t{number}", "type": "text", "heading": f"News {number}", "text": text}
        for number, text in enumerate(texts, start=1)
    ]
    with mailer.database.writing() as session:
        a_campaign(
            session,
            cast.newsletter,
            {"version": 1, "blocks": blocks},
            slug="2026-12",
            preview_text="What is new.",
        )


def test_what_to_fix_leads_to_its_field(mailer: Mailer, cast: Cast, editor: Browser) -> None:
    an_issue(mailer, cast, "Fine words.", "The date is TBC.")

    page = editor.get(PAGE)

    assert f'href="{ISSUE}/compose?open=t2#text"' in page.text
    assert "“TBC” found in Text" in visible_text(page)
    assert "1 to fix, 1 to look at, 33 fine" in visible_text(page)


def test_its_fine_is_kept_with_the_name_and_a_viewer_can_only_read(
    mailer: Mailer, cast: Cast, editor: Browser, viewer: Browser
) -> None:
    an_issue(mailer, cast, "Read it [here](https://a.example/).")
    read = viewer.get(PAGE)
    assert "It’s fine" not in visible_text(read)
    assert viewer.submit(PAGE, {"key": "x"}).status_code == 403

    keys = re.findall(r'name="key" value="(\w+)"', editor.get(PAGE).text)
    answer = editor.submit(PAGE, {"key": keys[-1]})

    assert "Kept as fine, for this version." in visible_text(answer)
    assert "said it’s fine" in visible_text(answer)
    assert "Vera Editor said it’s fine" in visible_text(viewer.get(PAGE))


def test_a_key_of_something_else_is_answered_with_a_sentence(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    an_issue(mailer, cast, "Fine words.")

    answer = editor.submit(PAGE, {"key": "nothing"})

    assert answer.status_code == 404
    assert "That has changed since you opened the page" in visible_text(answer)


def test_the_pages_that_decide_point_to_the_checks(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    an_issue(mailer, cast, "The date is TBC.")

    for page in (f"{ISSUE}/approval", f"{ISSUE}/send"):
        shown = editor.get(page)
        assert "1 to fix first" in visible_text(shown)
        assert f'href="{PAGE}"' in shown.text
    hub = editor.get(ISSUE)
    assert f'href="{PAGE}"' in hub.text
    assert "Submit for approval" not in visible_text(hub)


def test_a_submission_with_something_to_fix_is_refused_with_the_sentence(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    an_issue(mailer, cast, "The date is TBC.")

    answer = editor.submit(f"{ISSUE}/submit")

    assert answer.status_code == 400
    assert "“TBC” found" in visible_text(answer)
    with mailer.database.reading() as session:
        assert session.get_one(Campaign, 1).status.value == "draft"
