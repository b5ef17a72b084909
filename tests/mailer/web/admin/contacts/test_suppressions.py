"""Do not email: put there by hand, looked up, and let go for a reason that is kept."""

from sqlalchemy import select

from contacts.actors import ActorKind
from contacts.models import AuditEntry, Suppression
from mailer.bootstrap import Mailer
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text


def test_the_list_says_which_address_why_and_since_when(cast: Cast, viewer: Browser) -> None:
    seen = visible_text(viewer.get("/do-not-email/"))

    assert "1 address." in seen
    assert "carol@carrdale.example Address doesn’t exist test Tue 8 Dec 2026" in seen
    assert "Take off" not in seen
    assert "Add an address" not in seen


def test_an_address_is_searched_for_by_any_part(cast: Cast, viewer: Browser) -> None:
    assert "1 address matches." in visible_text(viewer.get("/do-not-email/?text=CARRDALE"))
    assert "0 addresses match." in visible_text(viewer.get("/do-not-email/?text=%25"))
    assert "1 address matches." in visible_text(viewer.get("/do-not-email/?reason=bounced"))
    assert "0 addresses match." in visible_text(viewer.get("/do-not-email/?reason=complained"))


def test_an_address_is_suppressed_by_hand(mailer: Mailer, cast: Cast, editor: Browser) -> None:
    typed = {"email": "Alice@Aldmor.example", "detail": "Left the council"}
    seen = visible_text(editor.submit("/do-not-email/", typed))
    again = visible_text(editor.submit("/do-not-email/", typed))

    assert "alice@aldmor.example is on do-not-email now" in seen
    assert "Do not email Left the council Vera Editor" in seen
    assert "was on do-not-email already" in again
    assert "No because: on do-not-email" in visible_text(editor.get(f"/people/{cast.alice}"))


def test_a_wrong_address_is_reported_beside_its_field_and_stays(
    cast: Cast, editor: Browser
) -> None:
    answer = editor.submit("/do-not-email/", {"email": "nonsense", "detail": "Why not"})

    assert answer.status_code == 422
    assert "there is no @ in it" in visible_text(answer)
    assert 'value="nonsense"' in answer.text
    assert 'value="Why not"' in answer.text


def test_a_suppression_is_lifted_only_for_a_reason(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.reading() as session:
        held = session.scalars(select(Suppression)).one()
    page = f"/do-not-email/{held.id}/lift"

    without = editor.submit(page, {"why": " "})
    lifted = editor.submit(page, {"why": "The mailbox is back"})
    gone = editor.get(page)

    assert without.status_code == 422
    assert "Say why this address may be written to again." in visible_text(without)
    assert "carol@carrdale.example may be written to again." in visible_text(lifted)
    assert gone.status_code == 404
    with mailer.database.reading() as session:
        assert session.scalars(select(Suppression)).all() == []
        line = session.scalars(select(AuditEntry).where(AuditEntry.act == "lifted")).one()
    assert line.detail["why"] == "The mailbox is back"
    assert line.actor.kind is ActorKind.OPERATOR
