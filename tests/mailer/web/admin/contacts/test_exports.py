"""Downloads: everybody and the do-not-email list, for editors."""

from mailer.bootstrap import Mailer
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text


def test_everybody_is_downloaded_with_where_they_stand(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page = visible_text(editor.get("/people/"))
    answer = editor.get("/contacts/export/people.csv")

    assert "Download everybody (CSV)" in page
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbfname,")
    lines = answer.text.splitlines()
    assert "newsletter: members-update" in lines[0]
    assert [line.split(",")[3] for line in lines[1:]] == [
        '"alice@aldmor.example"',
        '"bob@bexmoor.example"',
        '"carol@carrdale.example"',
    ]
    assert '"pending"' in lines[2]
    assert '"subscribed","bounced"' in lines[3]


def test_the_do_not_email_list_is_downloaded(mailer: Mailer, cast: Cast, editor: Browser) -> None:
    answer = editor.get("/contacts/export/do-not-email.csv")

    assert "Download the list (CSV)" in visible_text(editor.get("/do-not-email/"))
    assert answer.text.splitlines()[1].startswith('"carol@carrdale.example","bounced"')


def test_viewers_take_no_copy_of_everybody_away(viewer: Browser) -> None:
    for name in ("people", "do-not-email"):
        assert viewer.get(f"/contacts/export/{name}.csv").status_code == 403
