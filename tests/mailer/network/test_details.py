"""Who the network is, kept on both databases with an audit of what changed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from contacts.actors import Subject
from contacts.database import Database
from contacts.models import AuditEntry
from mailer.authoring.text import languages
from mailer.campaigns import editing
from mailer.campaigns.letters import draft_letter
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.errors import FormError
from mailer.models import Installation
from mailer.network import details, locales
from mailer.network.details import NetworkDetails
from mailer.network.privacy_notice import set_privacy_notice
from tests.factories import NOW, TESTER, a_campaign, a_mailer, a_newsletter

COMMONS = NetworkDetails("Commons  Network", "1 Commons Row\nNorthhaven")


def save(database: Database, wanted: NetworkDetails) -> None:
    with database.writing() as session:
        details.save(session, wanted, actor=TESTER, now=NOW)


def kept(database: Database) -> Installation | None:
    with database.reading() as session:
        return details.find(session)


def audited(database: Database) -> list[dict[str, Any]]:
    lines = select(AuditEntry).where(AuditEntry.subject == Subject("installation", 1))
    with database.reading() as session:
        return [line.detail for line in session.scalars(lines.order_by(AuditEntry.id))]


def test_what_nobody_has_said_holds_as_before(database: Database) -> None:
    save(database, COMMONS)

    found = kept(database)

    assert found
    assert (found.network_name, found.postal_address) == ("Commons Network", COMMONS.postal_address)
    assert (found.time_zone, found.languages) == ("Europe/London", "en-GB")
    assert found.privacy_notice_url == ""


def test_a_change_says_what_changed_and_no_change_says_nothing(database: Database) -> None:
    save(database, COMMONS)
    save(database, replace(COMMONS, time_zone="Europe/Paris", languages=("cy", "en-GB", "cy")))
    save(database, replace(COMMONS, time_zone="Europe/Paris", languages=("cy", "en-GB")))

    found = kept(database)

    assert found
    assert (found.time_zone, found.languages) == ("Europe/Paris", "cy en-GB")
    assert audited(database) == [
        {"changed": ["network_name", "postal_address"]},
        {"changed": ["languages", "time_zone"]},
    ]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("name", "N" * 201),
        ("name", "Net\x07work"),
        ("postal_address", ""),
        ("postal_address", "P" * 501),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("languages", ()),
        ("languages", ("xx-none",)),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(
    database: Database, field: str, typed: Any
) -> None:
    with pytest.raises(FormError) as refused:
        save(database, replace(COMMONS, **{field: typed}))

    assert field in dict(refused.value.problems)
    assert kept(database) is None


def test_two_who_say_it_first_at_once_both_end_well(database: Database) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda name: save(database, replace(COMMONS, name=name)), ("A", "B")))

    found = kept(database)
    assert found
    assert found.network_name in {"A", "B"}


@pytest.mark.parametrize("url", ["https://network.example/privacy", ""])
def test_the_privacy_notice_is_a_web_address_or_none(database: Database, url: str) -> None:
    with database.writing() as session:
        set_privacy_notice(session, f" {url} ", actor=TESTER, now=NOW)

    found = kept(database)
    assert found
    assert found.privacy_notice_url == url


@pytest.mark.parametrize(
    "url",
    [
        "privacy",
        "javascript:alert(1)//a.example",
        "https://x",
        "https://a.example/ b",
        "//a.example",
        "https://a.example:x/",
        "https://a.example/\x07",
        "https://a.example/" + "x" * 500,
    ],
)
def test_what_is_no_web_address_is_no_privacy_notice(database: Database, url: str) -> None:
    with database.writing() as session, pytest.raises(FormError, match="whole web address"):
        set_privacy_notice(session, url, actor=TESTER, now=NOW)


def test_a_newsletter_without_an_address_has_the_networks_at_its_foot(
    database: Database, tmp_path: Path
) -> None:
    save(database, COMMONS)
    settings = a_mailer(database, tmp_path).settings
    with database.writing() as session:
        newsletter = a_newsletter(session)
        issue = editing.find(session, a_campaign(session, newsletter.id).id)
        own = draft_letter(session, issue, settings=settings).postal_address
        newsletter.postal_address = ""
        networks = draft_letter(session, issue, settings=settings).postal_address

    assert own == "1 Commons Row, Northhaven"
    assert networks == COMMONS.postal_address


def test_an_issue_goes_out_in_the_language_and_the_zone_of_the_network(
    database: Database, tmp_path: Path
) -> None:
    abroad = replace(COMMONS, time_zone="Europe/Paris", languages=("cy", "en-GB"))
    mailer = a_mailer(database, tmp_path)
    with database.writing() as session:
        newsletter = a_newsletter(session)
        issue = editing.find(session, a_campaign(session, newsletter.id).id)
        before = draft_letter(session, issue, settings=mailer.settings)
        details.save(session, abroad, actor=TESTER, now=NOW)
        letter = draft_letter(session, issue, settings=mailer.settings)

    assert (before.language, before.zone) == ("en-GB", "Europe/London")
    assert (letter.language, letter.zone) == ("cy", "Europe/Paris")
    text = Composer(letter, tokens=mailer.tokens, draft=True).text(Recipient(1, "a@a.example"))
    assert "Dad-danysgrifio" in text  # to unsubscribe


def test_every_language_of_the_network_is_one_that_an_issue_can_be_in() -> None:
    assert locales.language_names().keys() == languages.LANGUAGES.keys()
    assert locales.language_names()["cy"] == "Cymraeg (Welsh)"
