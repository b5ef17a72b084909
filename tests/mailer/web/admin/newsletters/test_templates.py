"""The pages of templates, and what the composer shows of one and of an issue that began with it."""

from sqlalchemy import select

from mailer.bootstrap import Mailer
from mailer.models import Campaign, CampaignKind
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text

_COMPOSER = "/issues/members-update/template/compose"


def _template(editor: Browser) -> None:
    answer = editor.submit(
        "/templates/new", {"newsletter": "members-update", "name": "Monthly", "like": ""}
    )
    assert answer.status_code == 200


def test_a_template_is_made_and_opens_in_the_composer(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    _template(editor)

    seen = visible_text(editor.get(_COMPOSER))
    assert "Issues begin with it" in seen
    assert "Send me a test" not in seen
    assert "Monthly" in visible_text(editor.get("/templates/"))
    assert "Monthly" not in visible_text(editor.get("/issues/"))


def test_a_name_that_is_taken_is_said_beside_what_was_typed(cast: Cast, editor: Browser) -> None:
    _template(editor)

    answer = editor.submit(
        "/templates/new", {"newsletter": "members-update", "name": "Monthly", "like": ""}
    )

    assert answer.status_code == 422
    assert 'value="Monthly"' in answer.text
    assert "has a template called Monthly already" in visible_text(answer)


def test_what_a_template_says_of_a_block_is_kept_and_obeyed_in_an_issue(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    _template(editor)
    editor.submit(_COMPOSER, {"type": "story", "after": "masthead"}, to=f"{_COMPOSER}/add")
    with mailer.database.reading() as session:
        template = session.scalar(select(Campaign).where(Campaign.kind == CampaignKind.TEMPLATE))
        assert template
        story = next(e["id"] for e in template.document["blocks"] if e["type"] == "story")
    opened = editor.get(f"{_COMPOSER}?open={story}")
    assert "If nobody writes it in an issue" in visible_text(opened)
    revision = opened.text.partition('name="revision" value="')[2].partition('"')[0]
    kept = {"revision": revision, "template_asked": "yes", "if_unwritten": "leave out"}
    editor.submit(
        f"{_COMPOSER}?open={story}", {**kept, "note": "Ask Aldmor"}, to=f"{_COMPOSER}/{story}"
    )

    form = {"newsletter": "members-update", "start": "template", "month": "2027-02"}
    editor.submit("/issues/new", {**form, "name": "February", "address": "2027-02"})

    issue = editor.get("/issues/members-update/2027-02/compose")
    assert "Left out unless written" in visible_text(issue)
    assert "Ask Aldmor" in editor.get(f"/issues/members-update/2027-02/compose?open={story}").text
    mail = editor.get("/issues/members-update/2027-02/compose/preview").text
    assert "Ask Aldmor" not in mail


def test_a_viewer_reads_templates_and_makes_none(cast: Cast, viewer: Browser) -> None:
    assert viewer.get("/templates/").status_code == 200
    assert viewer.get("/templates/new").status_code == 403
