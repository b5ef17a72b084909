"""Finding people: by beginnings of words, by what they are, narrow or broad, on both databases."""

from datetime import timedelta

import pytest

from contacts.database import Database
from contacts.models import Subscription, SubscriptionStatus
from contacts.people import finding
from contacts.people.adding import role_called, tag_called
from contacts.people.finding import Wanted, find
from tests.factories import a_contact, a_newsletter


@pytest.fixture(params=["narrow", "broad"])
def people(
    request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Database:
    """A few people, looked for as if each condition were true of few, or of many."""
    if request.param == "broad":
        monkeypatch.setattr(finding, "MOST", 0)
        monkeypatch.setattr(finding, "_LEADS", 0)
    with database.writing() as session:
        update = a_newsletter(session)
        leader, housing = role_called(session, "Leader"), tag_called(session, "Housing")
        amina = a_contact(
            session,
            "Cllr Amina Yusuf",
            "amina.yusuf@northhaven.example",
            update,
            category="full",
            organisation="Northhaven City Council",
        )
        amina.roles, amina.tags = [leader], [housing]
        tom = a_contact(
            session,
            "Tom Keir",
            "tom_keir@northhaven.example",
            organisation="Northhaven City Council",
        )
        tom.roles, tom.tags = [role_called(session, "Lead officer")], [housing]
        angel = a_contact(session, "Ángel Ó Riain", "angel@a.example", category="supporter")
        a_contact(session, "", "press@wyeham.example", update, organisation="Wyeham Council")
        a_contact(session, "Yusuf Amin", None)
        for each in (amina, angel):
            standing = session.get(Subscription, (each.id, update.id)) or Subscription(
                contact_id=each.id, newsletter_id=update.id, changed_at=each.created_at
            )
            standing.status = (
                SubscriptionStatus.SUBSCRIBED if each is amina else SubscriptionStatus.PENDING
            )
            session.add(standing)
    return database


def _names(database: Database, wanted: Wanted) -> set[str]:
    with database.reading() as session:
        found = find(session, wanted, page=1, per_page=50)
    assert found.total == len(found.people)
    assert found.exact
    return {each.name or each.email or "" for each in found.people}


AMINA, TOM, ANGEL = "Cllr Amina Yusuf", "Tom Keir", "Ángel Ó Riain"
PRESS, YUSUF = "press@wyeham.example", "Yusuf Amin"


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), {AMINA, TOM, ANGEL, PRESS, YUSUF}),
        (Wanted("yus"), {AMINA, YUSUF}),
        (Wanted("YUSUF ami"), {AMINA, YUSUF}),
        (Wanted("Yusuf, Amina"), {AMINA}),
        (Wanted("northh"), {AMINA, TOM}),
        (Wanted("city"), {AMINA, TOM}),
        (Wanted("northh tom"), {TOM}),
        (Wanted("amina.yusuf@northhaven.example"), {AMINA}),
        (Wanted("press@"), {PRESS}),
        (Wanted("ángel"), {ANGEL}),
        (Wanted("ÁNGEL"), {ANGEL}),
        (Wanted("usuf"), set()),
        (Wanted("%"), set()),
        (Wanted("tom_"), {TOM}),
        (Wanted("t_m"), set()),
        (Wanted("'; drop table contacts; --"), set()),
        (Wanted(category="full"), {AMINA, TOM}),
        (Wanted(category="supporter"), {ANGEL}),
        (Wanted(category="nonsense"), set()),
        (Wanted(role="leader"), {AMINA}),
        (Wanted("leader"), {AMINA}),
        (Wanted("OFFI"), {TOM}),
        (Wanted("northh lead"), {AMINA, TOM}),
        (Wanted("eader"), set()),
        (Wanted(tag="housing"), {AMINA, TOM}),
        (Wanted("tom", tag="housing", category="full"), {TOM}),
        (Wanted(newsletter="members-update"), {AMINA, PRESS, ANGEL}),
        (Wanted(newsletter="members-update", standing="pending"), {ANGEL}),
        (Wanted(newsletter="members-update", standing="subscribed"), {AMINA, PRESS}),
        (Wanted(newsletter="members-update", standing="unsubscribed"), set()),
    ],
)
def test_people_are_found(people: Database, wanted: Wanted, names: set[str]) -> None:
    assert _names(people, wanted) == names


def test_people_come_in_the_order_of_their_last_names_a_page_at_a_time(people: Database) -> None:
    with people.reading() as session:
        pages = [find(session, Wanted(), page=page, per_page=2) for page in (1, 2, 3, 4)]

    assert [len(page.people) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}
    lasts = [each.last_name.lower() for page in pages for each in page.people]
    assert lasts == sorted(lasts)


def test_a_broad_search_says_at_least_how_many_there_are(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 1)
    monkeypatch.setattr(finding, "_LEADS", 1)
    monkeypatch.setattr(finding, "WALKED", 1)
    with people.reading() as session:
        found = find(session, Wanted("northh"), page=1, per_page=50)

    assert (found.total, found.exact, len(found.people)) == (1, False, 2)


@pytest.mark.parametrize("per_page", [1, 2, 3, 50])
def test_people_come_by_organisation_and_then_by_name_and_those_at_none_last(
    people: Database, per_page: int
) -> None:
    everybody = _in_order(people, Wanted(sort="organisation"), per_page)
    found = _in_order(people, Wanted("ami", sort="organisation"), per_page)
    alone = _in_order(people, Wanted("ángel", sort="organisation"), per_page)

    assert everybody == [TOM, AMINA, PRESS, YUSUF, ANGEL]
    assert found == [AMINA, YUSUF]
    assert alone == [ANGEL]


@pytest.mark.parametrize("per_page", [2, 50])
def test_those_who_were_changed_last_come_first(people: Database, per_page: int) -> None:
    with people.writing() as session:
        for days, name in enumerate(("press@", "amina.", "tom_"), start=1):
            who = find(session, Wanted(name), page=1, per_page=1).people[0]
            who.updated_at += timedelta(days=days)

    assert _in_order(people, Wanted(sort="changed"), per_page)[:3] == [TOM, AMINA, PRESS]
    assert _in_order(people, Wanted(tag="housing", sort="changed"), per_page) == [TOM, AMINA]


def test_an_order_there_is_none_of_is_that_of_names(people: Database) -> None:
    by_name = _in_order(people, Wanted(), 50)

    assert _in_order(people, Wanted(sort="nonsense"), 50) == by_name


def _in_order(database: Database, wanted: Wanted, per_page: int) -> list[str]:
    """The names on as many pages as there are."""
    names: list[str] = []
    with database.reading() as session:
        page = 1
        while found := find(session, wanted, page=page, per_page=per_page).people:
            names += [each.name or each.email or "" for each in found]
            page += 1
    return names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@northhaven.example", {"Cllr Amina Yusuf", "Tom Keir"}),
        ("northhaven.example", {"Cllr Amina Yusuf", "Tom Keir"}),
        ("@NorthHaven", {"Cllr Amina Yusuf", "Tom Keir"}),
        ("tom @northhaven.example", {"Tom Keir"}),
        ("haven.example", set()),
        ("@%", set()),
    ],
)
def test_a_domain_finds_its_people(people: Database, text: str, names: set[str]) -> None:
    assert _names(people, Wanted(text=text)) == names
