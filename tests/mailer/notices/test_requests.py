"""Mail that strangers ask for: capped by mailbox, domain, network and in all, and declined once."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from contacts.addresses import parse
from contacts.database import Database
from contacts.models import Contact, Newsletter, SuppressionReason
from contacts.permission.suppressions import suppress
from mailer.bootstrap import Mailer
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.models import DecliningMailbox, MailRequest, RequestedMail, SystemMail
from mailer.notices import caps, declining, double_opt_in, requests
from mailer.worker.sweep import Sweep
from tests.factories import NOW, TESTER, a_cast, a_mailer, a_newsletter, many
from tests.mailer.worker.test_isolation import NoJobs


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    made = a_mailer(database, tmp_path)
    with made.database.writing() as session:
        for slug in ("news", "events", "grants", "jobs"):
            a_newsletter(session, slug)
    return made


def sign_up(
    mailer: Mailer,
    *addresses: str,
    to: str = "news",
    visitor: str = "192.0.2.1",
    after: timedelta = timedelta(),
    again: bool = False,
) -> int:
    """How many mails go when these addresses are typed into the form by one visitor."""
    before = mails(mailer)
    with mailer.database.writing() as session:
        newsletter = session.scalars(select(Newsletter).where(Newsletter.slug == to)).one()
        for address in addresses:
            requests.sign_up(
                session,
                newsletter,
                parse(address),
                name="",
                counted=False,
                again=again,
                visitor=visitor,
                now=NOW + after,
            )
    requests.answer_all(mailer, now=NOW + after)
    with mailer.database.reading() as session:
        assert session.scalars(select(MailRequest)).all() == []
    return mails(mailer) - before


def mails(mailer: Mailer) -> int:
    with mailer.database.reading() as session:
        return session.scalar(select(func.count(SystemMail.id))) or 0


def own_link(mailer: Mailer, contact_id: int, after: timedelta = timedelta()) -> int:
    before = mails(mailer)
    with mailer.database.writing() as session:
        newsletter = session.scalars(select(Newsletter)).first()
        contact = session.get_one(Contact, contact_id)
        assert newsletter
        now = NOW + after
        requests.own_link_for(session, contact, newsletter, visitor="192.0.2.7", now=now)
    requests.answer_all(mailer, now=NOW + after)
    return mails(mailer) - before


def test_thirty_sub_addresses_of_one_mailbox_are_one_mail_and_one_person(mailer: Mailer) -> None:
    bomb = [f"victim+{n}@one.example" for n in range(30)]

    assert sign_up(mailer, *bomb) == 1
    with mailer.database.reading() as session:
        assert session.scalar(select(func.count(Contact.id))) == 1


def test_dots_and_names_of_one_google_mailbox_are_one_mail(mailer: Mailer) -> None:
    spellings = ("vic.tim@gmail.com", "v.i.c.t.i.m@googlemail.com", "Victim+x@gmail.com")

    assert sign_up(mailer, *spellings) == 1


def test_a_mailbox_gets_three_a_day_of_all_newsletters_from_wherever(mailer: Mailer) -> None:
    newsletters = enumerate(("news", "events", "grants", "jobs"))
    first_day = [
        sign_up(mailer, "victim@one.example", to=slug, visitor=f"192.0.2.{n}")
        for n, slug in newsletters
    ]

    assert first_day == [1, 1, 1, 0]
    day = timedelta(days=1, seconds=1)
    assert sign_up(mailer, "victim@one.example", to="jobs", after=day) == 1


def test_thirty_people_of_one_council_behind_one_proxy_each_get_theirs(mailer: Mailer) -> None:
    people = [f"person{n}@northhaven.example" for n in range(30)]

    assert sign_up(mailer, *people) == 30


def test_thirty_people_of_thirty_towns_behind_one_proxy_each_get_theirs(mailer: Mailer) -> None:
    assert sign_up(mailer, *(f"person@town{n}.example" for n in range(30))) == 30


def test_one_visitor_cannot_send_mail_to_sixty_mailboxes_of_a_small_domain(mailer: Mailer) -> None:
    assert sign_up(mailer, *(f"x{n}@small.example" for n in range(60))) == 40
    assert sign_up(mailer, "x99@small.example", after=timedelta(hours=1, seconds=1)) == 1


def test_many_visitors_cannot_flood_one_domain(mailer: Mailer) -> None:
    gone = [sign_up(mailer, f"x{n}@small.example", visitor=f"network {n}") for n in range(70)]

    assert sum(gone) == 60
    assert sign_up(mailer, "ann@other.example", visitor="another") == 1


def test_a_large_provider_has_a_larger_cap(mailer: Mailer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "_OF_A_DOMAIN", ((timedelta(hours=1), 3),))
    monkeypatch.setattr(caps, "_IN_ALL", 12)

    at_home = [sign_up(mailer, f"x{n}@small.example", visitor=f"a{n}") for n in range(5)]
    at_gmail = [sign_up(mailer, f"x{n}@gmail.com", visitor=f"b{n}") for n in range(10)]

    assert (sum(at_home), sum(at_gmail)) == (3, 6)


def test_in_all_there_is_a_cap_that_grows_with_the_people_there_are(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caps, "_IN_ALL", 4)
    monkeypatch.setattr(caps, "_PEOPLE_A_MAIL", 50)
    typed = [f"ann@town{n}.example" for n in range(9)]

    assert sum(sign_up(mailer, each, visitor=each) for each in typed) == 4

    with mailer.database.writing() as session:
        newsletter = session.scalars(select(Newsletter)).first()
        assert newsletter
        many(session, newsletter, 120)
    assert sum(sign_up(mailer, each, visitor=each) for each in typed[4:]) == 2


def test_a_cap_is_logged_once_a_request_and_without_addresses(mailer: Mailer) -> None:
    for slug in ("news", "events", "grants"):
        sign_up(mailer, "victim@one.example", to=slug)

    with capture_logs() as lines:
        sign_up(mailer, "victim@one.example", to="jobs")

    assert [line["cap"] for line in lines] == ["mailbox"]
    assert "victim" not in str(lines)


def test_no_address_is_kept_for_counting(mailer: Mailer) -> None:
    sign_up(mailer, "victim@one.example")

    with mailer.database.reading() as session:
        counted = session.scalars(select(RequestedMail)).one()
    kept = f"{counted.mailbox} {counted.domain} {counted.network}"
    assert not [each for each in ("victim", "one.example", "192.0.2") if each in kept]


def test_a_confirmation_that_did_not_come_can_be_had_again_after_ten_minutes(
    mailer: Mailer,
) -> None:
    def ask(minutes: int) -> int:
        after = timedelta(minutes=minutes)
        return sign_up(mailer, "ann@one.example", after=after, again=True)

    assert sign_up(mailer, "ann@one.example") == 1
    assert [ask(minutes) for minutes in (1, 9, 11, 15, 22, 33)] == [0, 0, 1, 0, 1, 0]
    assert sign_up(mailer, "ann@one.example", after=timedelta(hours=12)) == 0


def declined(mailer: Mailer, address: str) -> None:
    """Its owner opens the second link of the confirmation and presses the button."""
    with mailer.database.writing() as session:
        mail = session.scalars(
            select(SystemMail).where(SystemMail.to_address == address).order_by(SystemMail.id)
        ).first()
        assert mail
        token = mail.button_url.rpartition("/")[2]
        found = double_opt_in.about(session, token, tokens=mailer.tokens)
        assert found
        double_opt_in.not_me(session, found, now=NOW)


def test_whoever_did_not_ask_is_asked_no_more_for_a_year_under_any_sub_address(
    mailer: Mailer,
) -> None:
    sign_up(mailer, "victim@one.example")
    declined(mailer, "victim@one.example")
    tries = [
        sign_up(mailer, address, to=slug, after=timedelta(days=days), again=again)
        for days in (0, 2, 100, 364)
        for address in ("victim@one.example", "Victim+more@one.example")
        for slug in ("news", "events")
        for again in (False, True)
    ]

    assert set(tries) == {0}
    assert sign_up(mailer, "neighbour@one.example") == 1
    assert sign_up(mailer, "victim@one.example", after=timedelta(days=366)) == 1


def test_what_was_declined_cannot_be_confirmed_by_the_old_link(mailer: Mailer) -> None:
    sign_up(mailer, "victim@one.example")
    declined(mailer, "victim@one.example")

    with mailer.database.reading() as session:
        mail = session.scalars(select(SystemMail)).one()
        token = mail.button_url.rpartition("/")[2]
        found = double_opt_in.about(session, token, tokens=mailer.tokens)
        assert found
        assert not double_opt_in.is_good(session, found, now=NOW)


def test_an_operator_lets_forms_ask_a_mailbox_again(mailer: Mailer) -> None:
    sign_up(mailer, "victim@one.example")
    declined(mailer, "victim@one.example")

    with mailer.database.writing() as session:
        lifted = [
            declining.allow(session, "Victim+any@one.example", actor=TESTER, now=NOW)
            for _ in range(2)
        ]

    assert lifted == [True, False]
    assert sign_up(mailer, "victim@one.example", to="events") == 1


def test_who_complained_is_not_asked_under_a_sub_address_either(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        reason = SuppressionReason.COMPLAINED
        suppress(session, "victim@one.example", reason, source=TESTER, now=NOW)

    assert sign_up(mailer, "victim@one.example", "victim+1@one.example") == 0


def test_a_request_is_answered_once_by_however_many(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        cast = a_cast(session)
        newsletter = session.get_one(Newsletter, cast.newsletter)
        alice = session.get_one(Contact, cast.alice)
        requests.own_link_for(session, alice, newsletter, visitor="", now=NOW)
    with mailer.database.reading() as session:
        request_id = session.scalars(select(MailRequest.id)).one()

    for _ in range(2):
        with mailer.database.writing() as session:
            requests.answer(session, mailer, request_id, now=NOW)

    assert mails(mailer) == 1


def test_links_to_choices_are_capped_and_not_by_confirmations(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        cast = a_cast(session)
    for slug in ("news", "events", "grants"):
        sign_up(mailer, "alice@aldmor.example", to=slug)

    assert [own_link(mailer, cast.alice) for _ in range(7)] == [1] * 5 + [0] * 2
    assert own_link(mailer, cast.alice, after=timedelta(days=1, seconds=1)) == 1


def test_a_link_to_choices_goes_where_mail_may_go(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        cast = a_cast(session)
        suppress(
            session,
            "alice@aldmor.example",
            SuppressionReason.UNSUBSCRIBED,
            source=TESTER,
            now=NOW,
        )

    assert own_link(mailer, cast.alice) == 1  # who stopped everything may change their mind
    assert own_link(mailer, cast.carol) == 0  # what is sent to Carol comes back


def test_the_sweep_answers_and_forgets(mailer: Mailer) -> None:
    sweep = Sweep(mailer, NoJobs(), name="one", held=HeldClaims())
    sign_up(mailer, "ann@one.example")
    declined(mailer, "ann@one.example")
    with mailer.database.writing() as session:
        newsletter = session.scalars(select(Newsletter)).first()
        assert newsletter
        requests.sign_up(
            session,
            newsletter,
            parse("bea@two.example"),
            name="",
            counted=False,
            again=False,
            visitor="",
            now=NOW,
        )

    sweep.tick(NOW + timedelta(seconds=1))
    asked = mails(mailer)
    sweep.tick(NOW + timedelta(days=2))
    with mailer.database.reading() as session:
        counted = session.scalars(select(RequestedMail)).all()
        kept = session.scalars(select(DecliningMailbox)).all()
    sweep.tick(NOW + timedelta(days=366))

    assert asked == 2
    assert counted == []
    assert len(kept) == 1
    with mailer.database.reading() as session:
        assert session.scalars(select(DecliningMailbox)).all() == []


def test_what_a_clock_that_was_ahead_has_counted_keeps_nobody_waiting(mailer: Mailer) -> None:
    sign_up(mailer, "ann@one.example", after=timedelta(days=300))

    Sweep(mailer, NoJobs(), name="one", held=HeldClaims()).tick(NOW)

    assert sign_up(mailer, "ann@one.example") == 1


def test_a_request_with_a_fault_is_dropped_and_costs_others_nothing(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = double_opt_in.ask

    def fail(session: object, mailer: object, request: MailRequest, **more: object) -> None:
        if request.email.startswith("bad"):
            raise RuntimeError("a fault of ours")
        asked(session, mailer, request, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(double_opt_in, "ask", fail)

    assert sign_up(mailer, "bad@one.example", "ann@two.example") == 1
