"""Exports as a dozen programs write them: whoever said no in one is not subscribed by it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.importing import FileChoices, Question, Says, preview, questions
from contacts.models import (
    Consent,
    ConsentAct,
    Contact,
    Organisation,
    Role,
    Subscription,
    Suppression,
    Tag,
    contact_roles,
    contact_tags,
)
from tests.contacts.importing.sample_files import imported, summary
from tests.factories import a_newsletter

FILES = Path(__file__).parent
YES, NO, WAITS = "subscribed", "unsubscribed", "pending"

# Of each file, by the beginning of the address: where somebody stands, with the reason and the day
# of the do-not-email list. A day behind a yes is that of the consent, behind a no that of leaving.
EXPECTED = {
    "mailchimp-subscribed": {
        "ines.okoro": (YES, "", "2021-03-04"),
        "tom.hale": (YES, "", "2022-02-02"),
    },
    "mailchimp-unsubscribed": {
        "gwen.gone": (NO, "", "2023-05-05"),
        "leo.left": (NO, "complained 2023-06-05", "2023-06-05"),
        "nia.admin": (NO, "", "2023-07-05"),
    },
    "mailchimp-cleaned": {"bea.bounced": (NO, "bounced 2022-01-05", "2022-01-05")},
    "listmonk": {
        "ana.prior": (YES, "", ""),
        "bo.quist": (NO, "do_not_email", ""),
        "cy.reeve": (NO, "", ""),
    },
    "civicrm": {
        "ada.plain": (YES, "", ""),
        "ben.privat": (NO, "do_not_email", ""),
        "cleo.optout": (NO, "", ""),
        "dan.held": (NO, "bounced", ""),
        "eva.holdout": (NO, "", ""),
        "fay.late": (NO, "bounced 2022-02-03", "2022-02-03"),
        "gus.binned": (NO, "bounced", ""),
        "hal.phoneless": (YES, "", ""),
    },
    "civicrm-machine": {
        "ada.plain": (YES, "", ""),
        "ben.privat": (NO, "do_not_email", ""),
        "cleo.optout": (NO, "", ""),
        "dan.held": (NO, "bounced", ""),
        "eva.holdout": (NO, "", ""),
        "fay.late": (NO, "bounced", ""),
        "gus.binned": (NO, "bounced", ""),
        "hal.phoneless": (YES, "", ""),
    },
    "civicrm-several-addresses": {
        "ada.plain": (YES, "", ""),
        "dan.held": (YES, "", ""),  # it is the address at home that is on hold
        "cleo.optout": (NO, "", ""),
        "ivo": (NO, "bounced", ""),  # has no other than the one at home
    },
    "ghost": {
        "ora.reader": (YES, "", ""),
        "pia.quiet": (NO, "", ""),
        "ron.removed": (NO, "bounced 2023-05-01", "2023-05-01"),
    },
    "constant-contact": {
        "uma.active": (YES, "", ""),
        "val.express": (YES, "", ""),
        "wes.away": (NO, "", "2023-02-13"),
        "xia.waiting": (WAITS, "", ""),
        "yul.unset": (NO, "", ""),
        "zoe.holding": (NO, "", ""),
    },
    "salesforce-data-loader": {
        "amy.open": (YES, "", ""),
        "bob.optout": (NO, "", ""),
        "cat.bounce": (NO, "bounced 2023-04-05", "2023-04-05"),
        "dee.deleted": (NO, "bounced", ""),
        "eli.fax": (YES, "", ""),
    },
    "salesforce-campaign-report": {
        "amy.open": (YES, "", ""),
        "bob.optout": (NO, "", ""),
        "cat.bounce": (NO, "bounced 2023-04-23", "2023-04-23"),
    },
    "google-old": {"maya.lindqvist": (YES, "", ""), "ben.otto": (YES, "", "")},
    "google-new": {"maya.lindqvist": (YES, "", ""), "ben.otto": (YES, "", "")},
    "outlook-classic": {"maya.lindqvist": (YES, "", ""), "ben.otto": (YES, "", "")},
    "outlook-new": {"maya.lindqvist": (YES, "", ""), "ben.otto": (YES, "", "")},
    "apple-numbers": {"maya.lindqvist": (YES, "", "")},
    "mautic": {"kim.fine": (YES, "", ""), "lou.stop": (NO, "do_not_email", "")},
    "hubspot": {
        "ann.good": (YES, "", ""),
        "bel.gone": (NO, "", ""),
        "cal.some": (NO, "", ""),
        "don.hard": (NO, "bounced", ""),
        "eve.wrong": (NO, "bounced", ""),
        "flo.unmarketed": (NO, "", ""),
    },
    "hubspot-unsubscribes": {
        "bel.gone": (NO, "", ""),
        "fay.spam": (NO, "complained", ""),
        "cal.some": (NO, "", ""),
    },
    "brevo": {"jo.fine": (YES, "", ""), "kay.block": (NO, "do_not_email", "")},
}

# What has to be said before, as the number of rows by column and value.
ASKED = {
    "ghost": [("subscribed_to_emails", "", 1)],
    "hubspot": [("Invalid email address", "", 4)],
    "hubspot-unsubscribes": [("Portal Bounce", "unknownuser", 1)],
    "brevo": [("DOUBLE_OPT-IN", "2", 1)],
}
LEFT_OUT = {"ghost": 1, "hubspot-unsubscribes": 1, "brevo": 1}  # rows, while nobody has said


def held(database: Database) -> dict[str, tuple[str, str, str]]:
    with database.reading() as session:
        stopped = {
            key: (reason.value, at)
            for key, reason, at in session.execute(
                select(Suppression.address_key, Suppression.reason, Suppression.at)
            )
        }
        found = session.execute(
            select(Contact.address_key, Subscription.status, Consent.at, Consent.act)
            .join(Subscription, Subscription.contact_id == Contact.id)
            .join(Consent, Consent.contact_id == Contact.id)
        ).all()
    result = {}
    for key, status, at, act in found:
        assert (act is ConsentAct.GIVEN) is (status.value == YES)
        reason, since = stopped.get(str(key), ("", None))
        why = f"{reason} {_day(since)}".strip() if since else reason
        result[str(key).partition("@")[0]] = (status.value, why, _day(at))
    return result


def _day(at: object) -> str:
    day = str(at)[:10]
    return "" if day.startswith("2026") else day  # the day of the import


def asked(path: Path, choices: FileChoices | None = None) -> list[Question]:
    found = preview(path)
    return questions(found, columns=found.columns, choices=choices or FileChoices())


@pytest.mark.parametrize("product", EXPECTED)
def test_whoever_said_no_elsewhere_is_not_subscribed_here(database: Database, product: str) -> None:
    path = FILES / f"{product}.csv"
    with database.writing() as session:
        newsletter = a_newsletter(session).id

    result = imported(database, path, newsletter_id=newsletter, basis="They signed up there")

    said = [(each.column, each.value, each.rows) for each in asked(path)]
    assert said == ASKED.get(product, [])
    assert held(database) == EXPECTED[product]
    assert summary(result) == (len(EXPECTED[product]), 0, 0, 0, LEFT_OUT.get(product, 0))


def test_what_was_asked_is_answered_once_for_the_file(database: Database) -> None:
    path = FILES / "brevo.csv"
    with database.writing() as session:
        newsletter = a_newsletter(session).id
    (question,) = asked(path)
    choices = FileChoices({question.place: {question.value: Says.NO}})

    imported(database, path, newsletter_id=newsletter, basis="They signed up", choices=choices)

    assert asked(path, choices) == []
    assert held(database)["mia.single"] == (NO, "", "")


def facts(database: Database) -> list[Sequence[str | None]]:
    with database.reading() as session:
        found = session.execute(
            select(Contact.name, Contact.email, Organisation.name, Role.name, Tag.name)
            .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
            .outerjoin(contact_roles, contact_roles.c.contact_id == Contact.id)
            .outerjoin(Role, Role.id == contact_roles.c.role_id)
            .outerjoin(contact_tags, contact_tags.c.contact_id == Contact.id)
            .outerjoin(Tag, Tag.id == contact_tags.c.tag_id)
            .order_by(Contact.id, Tag.name)
        )
        return [tuple(row) for row in found]


@pytest.mark.parametrize(
    ("product", "tags"),
    [
        ("google-old", ["Councillors"]),
        ("google-new", ["Councillors"]),
        ("outlook-classic", ["Councillors", "Press"]),
        ("outlook-new", [None]),
        ("apple-numbers", [None]),
    ],
)
def test_an_address_book_gives_name_place_role_and_labels(
    database: Database, product: str, tags: list[str | None]
) -> None:
    result = imported(database, FILES / f"{product}.csv")

    maya = [row for row in facts(database) if "maya" in str(row[1])]
    name = "Maya Lindqvist" if product == "apple-numbers" else "Cllr Maya Lindqvist"
    assert maya == [
        (name, "maya.lindqvist@aldmor.example", "Aldmor Council", "Leader", tag) for tag in tags
    ]
    others = [each.value for each in result.differences]
    assert others == ([] if product == "apple-numbers" else ["maya@home.example"])


@pytest.mark.parametrize(
    ("product", "who", "place"),
    [
        ("civicrm", "ada.plain", "Aldmor Council"),  # the employer, not the blank organisation
        ("salesforce-campaign-report", "amy.open", "Aldmor Council"),
        ("salesforce-data-loader", "amy.open", None),
        ("constant-contact", "uma.active", "Aldmor Council"),
        ("hubspot", "ann.good", "Aldmor Council"),
    ],
)
def test_a_list_of_customers_gives_place_and_job(
    database: Database, product: str, who: str, place: str | None
) -> None:
    imported(database, FILES / f"{product}.csv")

    assert {(row[2], row[3]) for row in facts(database) if who in str(row[1])} == {(place, "Clerk")}
