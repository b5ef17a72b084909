"""Permission: a file never widens it, and what it says against writing to somebody is kept."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.actors import Actor, ActorKind
from contacts.database import Database
from contacts.importing import FileChoices, Question, Says, preview, questions
from contacts.models import (
    AuditEntry,
    Consent,
    ConsentAct,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
)
from contacts.permission.subscriptions import subscribe
from contacts.permission.suppressions import suppress
from tests.contacts.importing.sample_files import CASES, a_file, imported, people, summary
from tests.contacts.importing.standings import standing, stopped
from tests.factories import NOW, TESTER, a_contact, a_newsletter

BASIS = "Members asked"


@pytest.fixture
def newsletter(database: Database) -> int:
    with database.writing() as session:
        return a_newsletter(session).id


def asked(path: Path, choices: FileChoices | None = None) -> list[Question]:
    found = preview(path)
    return questions(found, columns=found.columns, choices=choices or FileChoices())


def test_the_time_of_a_confirmation_is_kept_in_the_consent(
    database: Database, newsletter: int
) -> None:
    path = CASES / "mailchimp-subscribed.csv"

    imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert asked(path) == []
    assert set(standing(database).values()) == {"subscribed"}
    with database.reading() as session:
        consents = session.scalars(select(Consent)).all()
    assert {(each.act, each.at, each.basis) for each in consents} == {
        (ConsentAct.GIVEN, datetime(2021, 3, 4, 9, tzinfo=UTC), BASIS)
    }


def test_a_file_of_people_who_left_subscribes_nobody(database: Database, newsletter: int) -> None:
    path = CASES / "mailchimp-unsubscribed.csv"

    result = imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert summary(result) == (2, 0, 0, 0, 0)
    assert dict(result.counts.notes) == {"said_no": 1, "said_stop": 1}
    assert standing(database) == {
        "gone.girl@aldmor.example": "unsubscribed",
        "left.leo@aldmor.example": "unsubscribed",
    }
    with database.reading() as session:
        acts = session.scalars(select(Consent).order_by(Consent.at)).all()
        complaint = session.scalars(select(Suppression)).one()
        audit = session.scalars(select(AuditEntry)).one()
    assert [(each.act, each.at, each.basis) for each in acts] == [
        (ConsentAct.WITHDRAWN, datetime(2023, 5, 5, 8, tzinfo=UTC), "NORMAL"),
        (ConsentAct.WITHDRAWN, datetime(2023, 6, 5, 8, tzinfo=UTC), "SPAM"),
    ]
    assert (complaint.address_key, complaint.reason, complaint.at, complaint.detail) == (
        "left.leo@aldmor.example",
        SuppressionReason.COMPLAINED,
        datetime(2023, 6, 5, 8, tzinfo=UTC),
        "SPAM",
    )
    assert (audit.act, audit.actor) == ("suppressed", Actor(ActorKind.IMPORT, result.id))


def test_only_those_who_are_enabled_are_subscribed(database: Database, newsletter: int) -> None:
    imported(database, CASES / "listmonk.csv", newsletter_id=newsletter, basis=BASIS)

    assert standing(database) == {
        "ana.prior@aldmor.example": "subscribed",
        "bo.quist@aldmor.example": "unsubscribed",
        "cy.reeve@aldmor.example": "unsubscribed",
    }
    assert stopped(database) == {"bo.quist@aldmor.example": "do_not_email"}


def test_a_blank_under_subscribed_is_asked_and_never_a_yes(
    database: Database, newsletter: int
) -> None:
    path = CASES / "subscribed-column.csv"

    unanswered = imported(database, path, newsletter_id=newsletter, basis=BASIS)
    before = standing(database)
    answered = imported(
        database,
        path,
        newsletter_id=newsletter,
        basis=BASIS,
        choices=FileChoices({2: {"": Says.NO}}),
    )

    assert asked(path) == [Question(2, "Subscribed", "", 1)]
    assert summary(unanswered) == (2, 0, 0, 0, 1)
    assert unanswered.problems[0].message == (
        "A blank here may be a yes or a no: say what it means, or correct it."
    )
    assert before == {"yes@aldmor.example": "subscribed", "no@aldmor.example": "unsubscribed"}
    assert summary(answered) == (1, 0, 2, 0, 0)
    assert standing(database) == {**before, "blank@aldmor.example": "unsubscribed"}


@pytest.mark.parametrize(
    ("header", "value", "now", "reason"),
    [
        ("HasOptedOutOfEmail", "true", "unsubscribed", None),
        ("Email Opt Out", "1", "unsubscribed", None),
        ("Do Not Email", "Yes", "unsubscribed", "do_not_email"),
        ("No Bulk Emails (User Opt Out)", "Yes", "unsubscribed", None),
        ("On Hold", "On Hold Bounce", "unsubscribed", "bounced"),
        ("On Hold", "On Hold Opt Out", "unsubscribed", None),
        ("Deceased", "Yes", "unsubscribed", "bounced"),
        ("IsEmailBounced", "true", "unsubscribed", "bounced"),
        ("EmailBouncedReason", "550 no such user", "unsubscribed", "bounced"),
        ("CLEAN_TIME", "2023-01-01 10:00:00", "unsubscribed", "bounced"),
        ("deleted_at", "2023-01-01T10:00:00.000Z", "unsubscribed", "bounced"),
        ("subscribed_to_emails", "false", "unsubscribed", None),
        ("Email status", "Unsubscribed", "unsubscribed", None),
        ("Email permission status", "Implicit", "subscribed", None),
        ("Confirmed Opt-Out Date", "13/02/2024", "unsubscribed", None),
        ("Newsletter?", "N", "unsubscribed", None),
        ("Newsletter", "✓", "subscribed", None),
        ("Spam complaint", "x", "unsubscribed", "complained"),
        ("Notes on them", "opted out", "unsubscribed", None),
        ("State", "pending", "pending", None),
        ("Dad-danysgrifio", "Ie", "unsubscribed", None),
        ("Abgemeldet am", "03.05.2023", "unsubscribed", None),
        ("Newsletter-Einwilligung", "Nein", "unsubscribed", None),
        ("Désinscrit le", "2023-05-03", "unsubscribed", None),
        ("Consentement", "non", "unsubscribed", None),
        ("Dado de baja", "sí", "unsubscribed", None),
        ("Suscrito", "sí", "subscribed", None),
        ("Stato", "disiscritto", "unsubscribed", None),
        ("Uitgeschreven", "ja", "unsubscribed", None),
        ("Nieuwsbrief", "nee", "unsubscribed", None),
        ("Zgoda na newsletter", "nie", "unsubscribed", None),
        ("Status", "wypisany", "unsubscribed", None),
        ("Nie wysyłać", "tak", "unsubscribed", "do_not_email"),
        ("unsubscribed_at", "", "subscribed", None),
        ("Do Not Email", "No", "subscribed", None),
        ("Unsubscribed", "", "subscribed", None),
        ("On Hold", "2", "unsubscribed", None),
        ("DNC reason", "3", "unsubscribed", "do_not_email"),
        ("Contact is in Trash", "Yes", "unsubscribed", "bounced"),
        ("Invalid email address", "true", "unsubscribed", "bounced"),
        ("Email address quarantine reason", "spam trap", "unsubscribed", "bounced"),
        ("Opt-in e-mail and SMS", "no", "unsubscribed", None),
        ("SMS opt-in", "no", "subscribed", None),
        ("SMS_BLACKLISTED", "true", "subscribed", None),
        ("HasOptedOutOfFax", "true", "subscribed", None),
        ("Consent to phone calls", "no", "subscribed", None),
        ("Direct mail opt-out", "yes", "subscribed", None),
        ("Telefon-Einwilligung", "nein", "subscribed", None),
        ("Lifecycle stage", "Subscriber", "subscribed", None),
        ("OPTIN_IP", "192.0.2.7", "subscribed", None),
        ("UNSUB_CAMPAIGN_TITLE", "May news", "subscribed", None),
    ],
)
def test_a_column_about_permission_is_known_by_its_name_or_its_values(
    database: Database,
    newsletter: int,
    tmp_path: Path,
    header: str,
    value: str,
    now: str,
    reason: str | None,
) -> None:
    path = a_file(tmp_path, f'Email,Name,"{header}"\nal@a.example,Al Bell,{value}\n')

    result = imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert asked(path) == []
    assert summary(result) == (1, 0, 0, 0, 0)
    assert standing(database) == {"al@a.example": now}
    assert stopped(database) == ({"al@a.example": reason} if reason else {})


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("Subscribed\nyes\nperhaps\nperhaps\n", [("perhaps", 2)]),
        ("Do Not Email\nYes\nNo\n,\n", [("", 1)]),  # a column of yes and no, and a blank
        ("Do Not Email\nX\n,\n", []),  # a column of ticks
        ("Email status\nsoft bounce\n", [("softbounce", 1)]),
        ("Membership\nFull\n", []),
    ],
)
def test_what_is_not_understood_is_asked_about(
    tmp_path: Path, rows: str, found: list[tuple[str, int]]
) -> None:
    lines = rows.splitlines()
    text = "\n".join(
        [
            f"Name,{lines[0]}",
            *(f"Al {line}".strip(",") + f",{line.strip(',')}" for line in lines[1:]),
        ]
    )

    assert [(each.value, each.rows) for each in asked(a_file(tmp_path, text + "\n"))] == found


@pytest.mark.parametrize("order", list(itertools.permutations(["yes", "no", "yes"])))
@pytest.mark.parametrize("files", [1, 3])
def test_no_beats_every_yes_in_whatever_order_rows_and_files_come(
    database: Database, newsletter: int, tmp_path: Path, order: tuple[str, ...], files: int
) -> None:
    rows = [f"al@a.example,Al Bell,{said}\n" for said in order]
    texts = ["".join(rows)] if files == 1 else rows

    for text in texts:
        path = a_file(tmp_path, f"Email,Name,Subscribed\n{text}")
        imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert standing(database) == {"al@a.example": "unsubscribed"}


@pytest.mark.parametrize(
    ("said_at", "left"),
    [("", False), ("2020-01-01", False), ("2099-01-01", True), ("2026-12-09", True)],
)
def test_what_a_person_confirmed_here_is_ended_only_by_a_later_no(
    database: Database, newsletter: int, tmp_path: Path, said_at: str, left: bool
) -> None:
    with database.writing() as session:
        al = a_contact(session, "Al Bell", "al@a.example")
        subscribe(session, al, newsletter, source=TESTER, words="Yes please", now=NOW)
    path = a_file(
        tmp_path, f"Email,Name,Unsubscribed,Unsub time\nal@a.example,Al Bell,Yes,{said_at}\n"
    )

    result = imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert standing(database) == {"al@a.example": "unsubscribed" if left else "subscribed"}
    assert ("own_consent_kept" in result.counts.notes) is not left


def test_a_no_without_a_newsletter_is_from_everything(database: Database, tmp_path: Path) -> None:
    path = a_file(tmp_path, "Email,Name,Subscribed\nal@a.example,Al Bell,No\nbo@a.example,Bo,Yes\n")

    imported(database, path)

    assert stopped(database) == {"al@a.example": "unsubscribed"}
    assert standing(database) == {}


def test_a_no_without_a_newsletter_ends_what_everybody_at_the_mailbox_has(
    database: Database, newsletter: int, tmp_path: Path
) -> None:
    yes = a_file(tmp_path, "Email,Name\nal@a.example,Al Bell\no@a.example,Cy Dow\n")
    imported(database, yes, newsletter_id=newsletter, basis=BASIS)
    no = a_file(tmp_path, "Email,Name,Subscribed\nal@a.example,Al Bell,No\no@a.example,Di Eve,No\n")

    imported(database, no)

    assert set(standing(database).values()) == {"unsubscribed"}


def test_a_harder_reason_takes_the_place_of_unsubscribed_and_of_nothing_else(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        suppress(session, "al@a.example", SuppressionReason.UNSUBSCRIBED, source=TESTER, now=NOW)
        suppress(session, "bo@a.example", SuppressionReason.DO_NOT_EMAIL, source=TESTER, now=NOW)
    path = a_file(tmp_path, "Email,Name,Bounced\nal@a.example,Al,Yes\nbo@a.example,Bo,Yes\n")

    imported(database, path)

    assert stopped(database) == {"al@a.example": "bounced", "bo@a.example": "do_not_email"}


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("Quarantined,Email bounced,Bounce reason", "false,,no such user", "bounced"),
        ("Quarantined,Bounce reason", "false,no such user", "bounced"),
        ("Email bounced,Bounce reason", "false,full in 2019", None),
    ],
)
def test_only_a_no_about_the_same_thing_denies_a_reason(
    database: Database, newsletter: int, tmp_path: Path, header: str, row: str, reason: str | None
) -> None:
    path = a_file(tmp_path, f"Email,Name,{header}\nal@a.example,Al Bell,{row}\n")

    imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert stopped(database) == ({"al@a.example": reason} if reason else {})
    assert standing(database) == {"al@a.example": "unsubscribed" if reason else "subscribed"}


@pytest.mark.parametrize("header", ["Unsub time", "Bounce reason", "Subscribed", "Opted out"])
def test_a_failed_formula_about_permission_is_a_mistake(
    database: Database, newsletter: int, tmp_path: Path, header: str
) -> None:
    path = a_file(tmp_path, f"Email,Name,{header}\nal@a.example,Al Bell,#REF!\n")

    result = imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert summary(result) == (0, 0, 0, 0, 1)
    assert (result.problems[0].column, result.problems[0].value) == (header, "#REF!")
    assert (standing(database), stopped(database)) == ({}, {})


def test_two_people_with_one_mailbox_are_two_people(database: Database, newsletter: int) -> None:
    path = CASES / "shared-mailbox.csv"

    first = imported(database, path, newsletter_id=newsletter, basis=BASIS)
    again = imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert (summary(first), dict(first.counts.notes)) == ((2, 0, 0, 0, 0), {"shared_mailbox": 1})
    assert summary(again) == (0, 0, 2, 0, 0)
    assert [name for name, _ in people(database)] == ["Ann Bell", "Bob Cole"]
    with database.reading() as session:
        assert len(session.scalars(select(Subscription)).all()) == 2


@pytest.mark.parametrize("order", [("Yes", "No"), ("No", "Yes")])
def test_a_no_counts_for_the_whole_mailbox_and_loses_nobody(
    database: Database, newsletter: int, tmp_path: Path, order: tuple[str, str]
) -> None:
    path = a_file(
        tmp_path,
        f"Name,Email,Subscribed\nAnn Bell,o@a.example,{order[0]}\n"
        f"Bob Cole,o@a.example,{order[1]}\n",
    )

    result = imported(database, path, newsletter_id=newsletter, basis=BASIS)

    assert result.counts.added == 2
    assert "subscribed" not in standing(database).values()


def test_the_latest_of_several_moments_and_none_from_the_future_is_kept(
    database: Database, newsletter: int, tmp_path: Path
) -> None:
    path = a_file(
        tmp_path,
        "Email,Name,Opt-in date,Confirm time\n"
        "al@a.example,Al,2021-01-01,2021-01-02 10:00\n"
        f"bo@a.example,Bo,{(NOW + timedelta(days=9)).date()},\n",
    )

    imported(database, path, newsletter_id=newsletter, basis=BASIS)

    with database.reading() as session:
        moments = session.scalars(select(Consent.at).order_by(Consent.contact_id)).all()
    assert moments == [datetime(2021, 1, 2, 10, tzinfo=UTC), NOW]


def test_who_is_subscribed_again_needs_more_than_a_file(
    database: Database, newsletter: int, tmp_path: Path
) -> None:
    path = a_file(tmp_path, "Email,Name,Subscribed\nal@a.example,Al,No\n")
    imported(database, path, newsletter_id=newsletter, basis=BASIS)
    later = a_file(tmp_path, "Email,Name,Confirm time\nal@a.example,Al,2026-11-01\n")

    result = imported(database, later, newsletter_id=newsletter, basis=BASIS)

    assert dict(result.counts.skipped) == {"unsubscribed": 1}
    assert standing(database)["al@a.example"] == SubscriptionStatus.UNSUBSCRIBED.value
