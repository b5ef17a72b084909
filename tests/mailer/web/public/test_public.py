"""What subscribers see: looking changes nothing, one press is enough, and nobody is given away."""

import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from contacts.actors import ActorKind
from contacts.models import (
    Consent,
    ConsentAct,
    Contact,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
)
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import (
    DecliningMailbox,
    Delivery,
    MailRequest,
    Receipt,
    ReceiptKind,
    SystemMail,
)
from mailer.notices import requests
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text


@pytest.fixture
def token(mailer: Mailer, cast: Cast) -> str:
    """The one in the mail that Alice got."""
    with mailer.database.writing() as session:
        issue_id = a_campaign(session, cast.newsletter).id
        sending.launch(session, issue_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue_id, clock=lambda: NOW)
    with mailer.database.reading() as session:
        delivery_id = session.scalar(select(Delivery.id).where(Delivery.contact_id == cast.alice))
    assert delivery_id
    return mailer.tokens.seal(Purpose.CHOICES, delivery_id)


def _standing(mailer: Mailer, cast: Cast) -> SubscriptionStatus:
    with mailer.database.reading() as session:
        return session.get_one(Subscription, (cast.alice, cast.newsletter)).status


def _rows(mailer: Mailer) -> dict[str, int]:
    with mailer.database.reading() as session:
        return {
            kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) or 0
            for kind in (
                *(Contact, Subscription, Consent, Suppression, Receipt, SystemMail),
                *(MailRequest, DecliningMailbox),
            )
        }


def _safe(answer: TestResponse) -> bool:
    return answer.status_code == 200 and "alice@aldmor.example" not in answer.text


def test_scanners_may_look_as_often_as_they_like(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    before = _rows(mailer)
    for page in ("/u/", "/p/"):
        for _ in range(2):
            assert _safe(visitor.get(page + token))
            assert visitor.head(page + token).status_code == 200

    assert _rows(mailer) == before
    assert _standing(mailer, cast) is SubscriptionStatus.SUBSCRIBED


@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_press_in_the_mail_program_is_enough(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser, encoding: str
) -> None:
    """RFC 8058: a POST in either encoding, without cookies, answered without a redirect."""
    pressed = {"data": {"List-Unsubscribe": "One-Click"}, "content_type": encoding}
    first = visitor.post_bare(f"/u/{token}", **pressed)
    again = visitor.post_bare(f"/u/{token}", **pressed)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.data == again.data
    assert "Set-Cookie" not in first.headers
    assert _standing(mailer, cast) is SubscriptionStatus.UNSUBSCRIBED
    with mailer.database.reading() as session:
        receipts = session.scalars(select(Receipt)).all()
        written = session.scalars(select(Consent).where(Consent.act == ConsentAct.WITHDRAWN)).all()
    assert [each.kind for each in receipts] == [ReceiptKind.UNSUBSCRIBED]
    assert [each.source.kind for each in written] == [ActorKind.ONE_CLICK]


@pytest.mark.parametrize("unknown", ["x", "A" * 32, "é" * 32, "../../etc/passwd"])
def test_whoever_guesses_a_token_learns_nothing(
    mailer: Mailer, cast: Cast, visitor: Browser, unknown: str
) -> None:
    before = _rows(mailer)
    answer = visitor.post_bare(f"/u/{unknown}", data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code in ({404} if "/" in unknown else {200})
    assert visitor.get(f"/u/{unknown}").status_code == 404
    assert visitor.get(f"/p/{unknown}").status_code == 404
    assert _rows(mailer) == before


def test_a_token_of_another_purpose_opens_nothing(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    track = mailer.tokens.seal(Purpose.TRACK, 1)

    visitor.post_bare(f"/u/{track}", data={"List-Unsubscribe": "One-Click"})

    assert visitor.get(f"/u/{track}").status_code == 404
    assert _standing(mailer, cast) is SubscriptionStatus.SUBSCRIBED


def test_a_person_leaves_on_the_page_and_comes_back_with_one_press(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    left = visitor.submit(f"/u/{token}")
    after_leaving = _standing(mailer, cast)
    back = visitor.submit(f"/p/{token}", to=f"/u/{token}/undo")

    assert "You won’t get Members' Update any more." in visible_text(left)
    assert after_leaving is SubscriptionStatus.UNSUBSCRIBED
    assert "You’re back on Members' Update" in visible_text(back)
    assert _standing(mailer, cast) is SubscriptionStatus.SUBSCRIBED


def test_choices_are_kept_and_said(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    saved = visitor.submit(f"/p/{token}", {"counted": "no"})

    assert "You won’t get Members' Update any more." in visible_text(saved)
    assert "We’ve turned off counting." in visible_text(saved)
    assert "You get no newsletter from us, and we count nothing." in visible_text(saved)
    with mailer.database.reading() as session:
        assert not session.get_one(Contact, cast.alice).tracking_allowed
    assert _standing(mailer, cast) is SubscriptionStatus.UNSUBSCRIBED


def test_stopping_everything_holds_for_the_address(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    stopped = visitor.submit(f"/p/{token}", to=f"/p/{token}/stop")

    assert "You won’t get any more from us." in visible_text(stopped)
    with mailer.database.reading() as session:
        held = session.scalars(
            select(Suppression).where(Suppression.address_key == "alice@aldmor.example")
        ).one()
    assert held.reason is SuppressionReason.UNSUBSCRIBED
    assert "You have stopped all emails from us." in visible_text(visitor.get(f"/p/{token}"))


def test_signing_up_takes_two_steps_and_looking_is_not_one_of_them(
    mailer: Mailer, cast: Cast, visitor: Browser
) -> None:
    typed = {"email": "Dan@Dunmarsh.example", "name": "Dan Dunmore", "counted": "yes"}
    asked = visitor.submit("/join/members-update", typed)
    _worker(mailer)
    with mailer.database.reading() as session:
        dan = session.scalars(
            select(Contact).where(Contact.address_key == "dan@dunmarsh.example")
        ).one()
        notice = session.scalars(select(SystemMail)).one()
        pending = session.get_one(Subscription, (dan.id, cast.newsletter)).status
    link = notice.button_url.removeprefix(mailer.settings.site)

    for _ in range(3):
        assert visitor.get(link).status_code == 200
        visitor.head(link)
    with mailer.database.reading() as session:
        looked = session.get_one(Subscription, (dan.id, cast.newsletter)).status
    confirmed = visitor.submit(link)

    assert "Look in your inbox" in visible_text(asked)
    assert (pending, looked) == (SubscriptionStatus.PENDING, SubscriptionStatus.PENDING)
    assert "You’re signed up for Members' Update" in visible_text(confirmed)
    with mailer.database.reading() as session:
        assert session.get_one(Subscription, (dan.id, cast.newsletter)).status == "subscribed"
        assert session.get_one(Contact, dan.id).tracking_allowed


@pytest.mark.parametrize(
    "email", ["new@somewhere.example", "alice@aldmor.example", "carol@carrdale.example"]
)
def test_the_answer_is_the_same_whoever_is_known_already(
    mailer: Mailer, cast: Cast, visitor: Browser, email: str
) -> None:
    answer = visitor.submit("/join/members-update", {"email": email})
    reference = visitor.submit("/join/members-update", {"email": "another@elsewhere.example"})

    assert _without_tokens(answer) == _without_tokens(reference)
    assert answer.status_code == reference.status_code == 200


@pytest.mark.parametrize(
    "email", ["new@somewhere.example", "alice@aldmor.example", "carol@carrdale.example"]
)
def test_a_form_is_the_same_work_whoever_is_known_already(
    mailer: Mailer, cast: Cast, visitor: Browser, email: str
) -> None:
    """One row, which a worker reads; so the time of the answer tells nothing either."""
    before = _rows(mailer)
    visitor.submit("/join/members-update", {"email": email})

    assert _rows(mailer) == {**before, "mail_requests": 1}


def test_the_mail_that_asks_holds_nothing_of_what_was_typed(
    mailer: Mailer, cast: Cast, visitor: Browser
) -> None:
    typed = {"email": "victim@v.example", "name": "WIN A PRIZE http://evil.example"}
    visitor.submit("/join/members-update", typed)
    _worker(mailer)

    with mailer.database.reading() as session:
        notice = session.scalars(select(SystemMail)).one()
    mail_text = " ".join((notice.subject, notice.paragraphs, notice.closing, notice.to_name))
    assert "evil" not in mail_text
    assert "PRIZE" not in mail_text


def test_one_address_is_asked_once_a_day(mailer: Mailer, cast: Cast, visitor: Browser) -> None:
    for _ in range(3):
        visitor.submit("/join/members-update", {"email": "dan@d.example"})
    _worker(mailer)

    assert _rows(mailer)["notices"] == 1


def test_a_wrong_address_stays_in_the_form(cast: Cast, visitor: Browser) -> None:
    answer = visitor.submit("/join/members-update", {"email": "dan.d.example", "name": "Dan"})

    assert answer.status_code == 422
    assert "there is no @ in it" in visible_text(answer)
    assert 'value="dan.d.example"' in answer.text
    assert 'value="Dan"' in answer.text


def test_the_hidden_field_that_only_machines_fill_in_refuses_them(
    mailer: Mailer, cast: Cast, visitor: Browser
) -> None:
    before = _rows(mailer)
    visitor.submit("/join/members-update", {"email": "bot@b.example", "website": "http://x"})

    assert _rows(mailer) == before


@pytest.mark.parametrize("bad", ["x", "A" * 32])
def test_a_foreign_confirmation_token_is_refused_with_a_page(
    cast: Cast, visitor: Browser, bad: str
) -> None:
    answer = visitor.get(f"/confirm/{bad}")

    assert answer.status_code == 410
    assert "Sign up again to get a new one." in visible_text(answer)


def _worker(mailer: Mailer) -> None:
    """What the sweep does within a second."""
    requests.answer_all(mailer, now=mailer.clock())


def _without_tokens(answer: TestResponse) -> str:
    return re.sub(r'value="[^"]+"', "", answer.text)
