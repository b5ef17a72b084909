"""The pages of people: found, told about with the proof, changed without losing what was typed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts.actors import ActorKind
from contacts.models import AuditEntry, Consent, Contact, Subscription, SubscriptionStatus, Tag
from contacts.permission.subscriptions import unsubscribe
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery, DeliveryStatus, Receipt, ReceiptKind, Verdict
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, Cast, a_campaign
from tests.mailer.receipts.answered import answers, sent
from tests.mailer.web.browser import Browser, visible_text


def test_the_list_says_who_where_which_category_and_where_they_stand(
    cast: Cast, viewer: Browser
) -> None:
    seen = visible_text(viewer.get("/people/"))

    assert "3 people." in seen
    alice = "Cllr Alice Adeyemi Aldmor Council alice@aldmor.example Aldmor Council Full"
    assert f"{alice} Members' Update 8 Dec 2026" in seen
    assert "Bob Bell bob@bexmoor.example – Supporter Not confirmed yet" in seen
    assert "Carol Castell carol@carrdale.example – No category Members' Update Address" in seen
    assert "Add person" not in seen


def test_a_search_and_its_filters_live_in_the_url(cast: Cast, viewer: Browser) -> None:
    found = visible_text(
        viewer.get("/people/?text=ali+ald&category=full&newsletter=members-update")
    )
    nobody = visible_text(viewer.get("/people/?text=zebra"))

    assert "1 person matches." in found
    assert "Alice" in found
    assert "Bob" not in found
    assert "Nobody matches" in nobody


def test_what_a_list_is_narrowed_by_is_taken_away_one_by_one(cast: Cast, viewer: Browser) -> None:
    page = viewer.get("/people/?text=ali&category=full&standing=subscribed&sort=organisation")

    seen = visible_text(page)
    taken_away = re.findall(r'<span class="chip">.*?<a href="([^"]*)"', page.text, re.DOTALL)
    kept = "/people/?text=ali&amp;"
    assert "Category: Full Take away: Category" in seen
    assert "Newsletter: Members' Update, subscribed Take away: Newsletter" in seen
    assert taken_away == [
        f"{kept}newsletter=members-update&amp;standing=subscribed&amp;sort=organisation",
        f"{kept}category=full&amp;sort=organisation",
    ]


def test_where_people_stand_is_a_question_about_a_newsletter(cast: Cast, viewer: Browser) -> None:
    pending = visible_text(viewer.get("/people/?standing=pending"))
    nonsense = visible_text(viewer.get("/people/?standing=nonsense&sort=nonsense"))

    assert "1 person matches." in pending
    assert "Newsletter: Members' Update, not confirmed yet" in pending
    assert "3 people." in nonsense


def test_a_list_is_sorted_by_a_press_on_a_column_and_says_by_which(
    cast: Cast, viewer: Browser
) -> None:
    by_name, by_place = viewer.get("/people/").text, viewer.get("/people/?sort=organisation").text

    assert re.findall(r'aria-sort="(\w+)"\s*>\s*<a class="sort" href="([^"]+)"', by_name) == [
        ("ascending", "/people/")
    ]
    assert 'href="/people/?sort=organisation"' in by_name
    assert 'href="/people/?sort=changed"' in by_name
    assert re.findall(r'aria-sort="(\w+)"', by_place) == ["ascending"]
    assert '<input type="hidden" name="sort" value="organisation">' in by_place


def test_an_empty_network_says_what_to_do_first(editor: Browser) -> None:
    seen = visible_text(editor.get("/people/"))

    assert "Nobody is here yet" in seen
    assert "Import a spreadsheet Add one person" in seen


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("alice", "Will receive Members' Update : Yes"),
        ("bob", "Will receive Members' Update : No because: not confirmed yet"),
        ("carol", "Will receive Members' Update : No because: address bounced before"),
    ],
)
def test_a_persons_page_says_whether_they_will_receive_it_and_why(
    cast: Cast, viewer: Browser, who: str, answer: str
) -> None:
    assert answer in visible_text(viewer.get(f"/people/{getattr(cast, who)}"))


def test_the_ledger_shows_the_exact_words_that_were_agreed_to(cast: Cast, viewer: Browser) -> None:
    seen = visible_text(viewer.get(f"/people/{cast.alice}"))

    assert "Agreed to opens and clicks being counted" in seen
    assert "See the exact words they saw Yes, count" in seen
    assert "test: a test" in seen  # source and basis of the subscription


def test_opens_and_clicks_are_shown_only_of_somebody_who_agreed(
    mailer: Mailer, cast: Cast, viewer: Browser
) -> None:
    _hear_of(mailer, cast)
    alice = visible_text(viewer.get(f"/people/{cast.alice}"))
    with mailer.database.writing() as session:
        session.get_one(Contact, cast.alice).tracking_allowed = False
    silent = visible_text(viewer.get(f"/people/{cast.alice}"))

    assert "December: accepted by the mail server What the mail server said 250 OK queued" in alice
    assert "Clicked “read” in December" in alice
    assert "December was opened automatically 2 times by a machine on the way" in alice
    assert "Clicked" not in silent
    assert "automatically" not in silent
    assert "250 OK queued" in silent


def test_the_timeline_has_the_answers_to_polls(mailer: Mailer, cast: Cast, viewer: Browser) -> None:
    sent(mailer.database, cast)
    answers(mailer.database, cast.alice, 3)

    seen = visible_text(viewer.get(f"/people/{cast.alice}"))

    assert "Answered “Energy” in December" in seen
    assert "What about?" in seen


def test_the_timeline_says_why_somebody_was_left_out(
    mailer: Mailer, cast: Cast, viewer: Browser
) -> None:
    _hear_of(mailer, cast)

    assert "Left out of December: not confirmed yet" in visible_text(
        viewer.get(f"/people/{cast.bob}")
    )


def test_a_number_nobody_has_is_a_page_that_says_so(viewer: Browser) -> None:
    answer = viewer.get("/people/4711")

    assert answer.status_code == 404
    assert "There is nobody here under that number." in visible_text(answer)


def test_what_was_typed_stays_when_an_address_is_wrong(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    typed = {"name": "Dan <Dunmore>", "email": "dan at d.example", "tags": "Housing, Wales"}
    answer = editor.submit("/people/new", typed)

    assert answer.status_code == 422
    assert "<title>Error: Add person" in answer.text
    assert 'href="#email">Not an e-mail address: there is no @ in it.' in answer.text
    assert 'aria-describedby="email-error' in answer.text
    assert 'value="Dan &lt;Dunmore&gt;"' in answer.text
    assert 'value="dan at d.example"' in answer.text
    assert 'value="Housing, Wales"' in answer.text
    with mailer.database.reading() as session:
        assert len(session.scalars(select(Contact)).all()) == 3


def test_a_new_organisation_is_asked_about_before_it_is_made(cast: Cast, editor: Browser) -> None:
    typed = {"name": "Dan", "organisation": "Aldmoor Council"}
    asked = editor.submit("/people/new", typed)
    made = editor.submit("/people/new", {**typed, "adds_organisation": "yes"})

    assert asked.status_code == 422
    assert "“Aldmoor Council” is new: add it" in visible_text(asked)
    assert "Dan is added." in visible_text(made)
    assert "Aldmoor Council" in visible_text(made)


def test_an_edit_is_kept_and_noted_with_the_operators_name(cast: Cast, editor: Browser) -> None:
    page = f"/people/{cast.bob}/edit"
    typed = {"name": "Robert Bell", "email": "robert@bexmoor.example", "category": "supporter"}

    seen = visible_text(editor.submit(page, typed))

    assert "Saved: name, e-mail address." in seen
    assert "Changed: name, e-mail address by Vera Editor" in seen


def test_an_operator_puts_somebody_on_a_newsletter_only_with_a_reason(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page, to = f"/people/{cast.bob}", f"/people/{cast.bob}/subscribe/members-update"
    without = visible_text(editor.submit(page, {"basis": "  "}, to=to))
    with mailer.database.reading() as session:
        before = session.get_one(Subscription, (cast.bob, cast.newsletter)).status
    with_one = visible_text(editor.submit(page, {"basis": "Asked by phone on 3 October"}, to=to))

    assert "Say why we may write to this person." in without
    assert before is SubscriptionStatus.PENDING
    assert "Vera Editor: Asked by phone on 3 October" in with_one
    assert "Will receive Members' Update : Yes" in with_one


def test_an_operator_takes_somebody_off_a_newsletter(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    page, to = f"/people/{cast.alice}", f"/people/{cast.alice}/unsubscribe/members-update"

    seen = visible_text(editor.submit(page, to=to))

    assert "won’t get Members' Update any more" in seen
    assert "No because: unsubscribed" in seen
    with mailer.database.reading() as session:
        last = session.scalars(select(Consent).order_by(Consent.id.desc())).first()
        assert last is not None
        assert last.source.kind is ActorKind.OPERATOR


def test_putting_back_somebody_who_left_comes_with_a_warning(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        unsubscribe(session, cast.alice, cast.newsletter, source=TESTER, now=NOW)

    assert "They unsubscribed. Put them back only if they asked you to." in visible_text(
        editor.get(f"/people/{cast.alice}")
    )


def test_nothing_a_viewer_sees_leads_to_a_change(cast: Cast, viewer: Browser) -> None:
    html = viewer.get(f"/people/{cast.alice}").text

    assert "/edit" not in html
    assert "/unsubscribe/" not in html


def test_reading_leaves_no_line_in_the_audit(mailer: Mailer, cast: Cast, viewer: Browser) -> None:
    with mailer.database.reading() as session:
        before = session.scalars(select(AuditEntry.id)).all()

    viewer.get(f"/people/{cast.alice}")

    with mailer.database.reading() as session:
        assert session.scalars(select(AuditEntry.id)).all() == before


def _hear_of(mailer: Mailer, cast: Cast) -> None:
    """An issue that reached Alice, was opened by two machines and clicked by her."""
    with mailer.database.writing() as session:
        issue_id = a_campaign(session, cast.newsletter).id
        sending.launch(session, issue_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue_id, clock=lambda: NOW)
    with mailer.database.writing() as session:
        delivery = session.scalars(select(Delivery).where(Delivery.contact_id == cast.alice)).one()
        delivery.status, delivery.code = DeliveryStatus.ACCEPTED, 250
        delivery.text = "OK queued"
        ids = {"campaign_id": issue_id, "delivery_id": delivery.id}
        for kind, verdict, link in (
            (ReceiptKind.OPENED, Verdict.AUTOMATIC, None),
            (ReceiptKind.OPENED, Verdict.AUTOMATIC, None),
            (ReceiptKind.CLICKED, Verdict.PERSON, 1),
        ):
            at = NOW + timedelta(minutes=5)
            session.add(Receipt(kind=kind, verdict=verdict, link=link, at=at, **ids))


def test_more_tags_than_a_person_can_have_are_refused_and_none_of_them_is_lost(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    tags = ", ".join(f"tag{n}" for n in range(5_000))

    answer = editor.submit(f"/people/{cast.bob}/edit", {"name": "Bob", "tags": tags})

    assert answer.status_code == 422
    assert "Keep to 100 tags: there are 5,000." in visible_text(answer)
    assert f'value="{tags}"' in answer.text
    with mailer.database.reading() as session:
        assert session.scalars(select(Tag)).all() == []


def test_a_category_or_role_that_is_not_there_is_no_silent_nothing(
    cast: Cast, editor: Browser
) -> None:
    page = f"/people/{cast.bob}/edit"

    category = editor.submit(page, {"name": "Bob", "category": "gone"})
    role = editor.submit(page, {"name": "Bob", "roles": "gone"})

    assert (category.status_code, role.status_code) == (422, 422)
    assert "That category is no longer there." in visible_text(category)
    assert "One of those roles is no longer there." in visible_text(role)
