"""Segments: rules compiled on both databases, told in words, kept, and asked about one person."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contacts.database import Database
from contacts.errors import BadName, BadRules
from contacts.models import Contact, Segment
from contacts.people.adding import role_called, tag_called
from contacts.segments import Group, Rule, in_words, library, matching, parse
from tests.factories import NOW, a_contact, a_newsletter


@pytest.fixture
def people(database: Database) -> Database:
    """Five people who differ in everything a rule can ask about."""
    with database.writing() as session:
        update = a_newsletter(session)
        leader, press = role_called(session, "Leader"), role_called(session, "Press contact")
        housing = tag_called(session, "Housing")
        ann = a_contact(
            session, "Ann", "ann@a.example", update, category="full", organisation="Aldmor Council"
        )
        ann.roles, ann.tags = [leader, press], [housing]
        ben = a_contact(session, "Ben", "ben@a.example", organisation="Aldmor Council")
        ben.roles = [press]
        a_contact(
            session, "Cat", "cat@c.example", update, category="associate", organisation="Carrdale"
        )
        dan = a_contact(session, "Dan", "dan@d.example", category="supporter")
        dan.tags = [housing]
        a_contact(session, "Eve", None)
    return database


def _who(database: Database, group: Group) -> list[str]:
    with database.reading() as session:
        found = session.scalars(select(Contact.name).where(matching(group)).order_by(Contact.id))
        return list(found)


def _one(field: str, op: str, *values: str) -> Group:
    return Group("all", (Rule(field, op, values),))


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (("category", "any_of", "full"), ["Ann", "Ben"]),
        (("category", "none_of", "full"), ["Cat", "Dan", "Eve"]),
        (("category", "any_of", "supporter", "associate"), ["Cat", "Dan"]),
        (("role", "any_of", "leader"), ["Ann"]),
        (("role", "none_of", "press-contact"), ["Cat", "Dan", "Eve"]),
        (("tag", "any_of", "housing"), ["Ann", "Dan"]),
        (("tag", "none_of", "housing"), ["Ben", "Cat", "Eve"]),
        (("organisation", "any_of", "aldmor-council"), ["Ann", "Ben"]),
        (("organisation", "none_of", "aldmor-council"), ["Cat", "Dan", "Eve"]),
        (("newsletter", "any_of", "members-update"), ["Ann", "Cat"]),
        (("newsletter", "none_of", "members-update"), ["Ben", "Dan", "Eve"]),
        (("role", "any_of", "no-such-role"), []),
        (("category", "none_of", "no-such-category"), ["Ann", "Ben", "Cat", "Dan", "Eve"]),
    ],
)
def test_each_kind_of_rule_finds_whom_it_says(
    people: Database, rule: tuple[str, ...], names: list[str]
) -> None:
    field, op, *values = rule

    assert _who(people, _one(field, op, *values)) == names


def test_all_narrows_any_widens_and_no_rule_lets_everybody_through(people: Database) -> None:
    full, press = Rule("category", "any_of", ("full",)), Rule("role", "any_of", ("press-contact",))
    housing = Rule("tag", "any_of", ("housing",))

    assert _who(people, Group("all", (full, press))) == ["Ann", "Ben"]
    assert _who(people, Group("all", (full, press, housing))) == ["Ann"]
    assert _who(people, Group("any", (full, housing))) == ["Ann", "Ben", "Dan"]
    assert _who(people, Group("all", (housing, Group("any", (full, press))))) == ["Ann"]
    assert len(_who(people, Group("all", ()))) == 5


def test_a_person_at_an_organisation_without_a_category_has_none(people: Database) -> None:
    """Their own category counts only for somebody who is at no organisation."""
    with people.writing() as session:
        categories = {"supporter": _supporter(people)}
        frank = a_contact(session, "Frank", "frank@f.example", organisation="Uncategorised Trust")
        frank.own_category_id = categories["supporter"]

    assert "Frank" not in _who(people, _one("category", "any_of", "supporter"))
    assert "Frank" in _who(people, _one("category", "none_of", "supporter"))


def _supporter(database: Database) -> int:
    with database.reading() as session:
        found = session.scalar(select(Contact.own_category_id).where(Contact.name == "Dan"))
    assert found is not None
    return found


def test_counts_samples_and_verdicts_agree_with_the_rules(people: Database) -> None:
    group = Group(
        "all",
        (Rule("category", "any_of", ("full",)), Rule("role", "any_of", ("leader",))),
    )
    with people.reading() as session:
        ids = {name: number for number, name in session.execute(select(Contact.id, Contact.name))}
        number, sample = library.count(session, group), library.sample(session, group)
        ann, ben, dan = (
            library.check_person(session, group, ids[name]) for name in ("Ann", "Ben", "Dan")
        )

    assert (number, [each.name for each in sample]) == (1, ["Ann"])
    assert (ann.belongs, ann.failing) == (True, ())
    assert (ben.belongs, ben.failing) == (False, (2,))
    assert (dan.belongs, dan.failing) == (False, (1, 2))


def test_the_rule_that_leaves_nobody_is_named(people: Database) -> None:
    group = Group(
        "all", (Rule("category", "any_of", ("full",)), Rule("role", "any_of", ("mayor",)))
    )
    with people.reading() as session:
        assert library.empty_rules(session, group) == (2,)


def test_rules_are_described_with_the_names_people_know(people: Database) -> None:
    group = Group(
        "all",
        (
            Rule("category", "any_of", ("full", "associate")),
            Group(
                "any",
                (
                    Rule("role", "any_of", ("press-contact",)),
                    Rule("organisation", "none_of", ("aldmor-council",)),
                ),
            ),
        ),
    )
    with people.reading() as session:
        sentence = in_words(group, library.names(session, group))

    assert sentence == (
        "People in Full or Associate organisations, and (who are Press contact, or not at "
        "Aldmor Council)."
    )


def test_a_segment_keeps_its_url_when_its_name_changes(people: Database) -> None:
    group = _one("category", "any_of", "full")
    with people.writing() as session:
        kept = library.save(session, name=" Full  members ", group=group, segment=None, now=NOW)
        library.save(session, name="Voting members", group=group, segment=kept, now=NOW)
        found = session.scalars(select(Segment)).one()

    assert (found.slug, found.name) == ("full-members", "Voting members")
    assert parse(found.rules) == group


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "full MEMBERS"])
def test_a_segment_needs_a_name_of_its_own(people: Database, name: str) -> None:
    group = Group("all", ())
    with people.writing() as session:
        library.save(session, name="Full members", group=group, segment=None, now=NOW)

        with pytest.raises(BadName):
            library.save(session, name=name, group=group, segment=None, now=NOW)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"match": "some", "rules": []},
        {"match": "all"},
        {"match": "all", "rules": {}},
        {"match": "all", "rules": [{"field": "shoe_size", "op": "any_of", "values": ["9"]}]},
        {"match": "all", "rules": [{"field": "role", "op": "like", "values": ["x"]}]},
        {"match": "all", "rules": [{"field": "role", "op": "any_of", "values": []}]},
        {"match": "all", "rules": [{"field": "role", "op": "any_of", "values": [1]}]},
        {"match": "all", "rules": [{"field": "role", "op": "any_of", "values": "x"}]},
        {"match": "all", "rules": [{"match": "any", "rules": [{"match": "any", "rules": []}]}]},
        {"match": "all", "rules": [{"field": "role", "op": "any_of", "values": ["x"]}] * 51},
    ],
)
def test_rules_that_cannot_be_understood_are_refused_in_a_sentence(data: object) -> None:
    with pytest.raises(BadRules) as refused:
        parse(data)

    assert str(refused.value).endswith(".")


_RULES = st.builds(
    Rule,
    st.sampled_from(["category", "role", "tag", "organisation", "newsletter"]),
    st.sampled_from(["any_of", "none_of"]),
    st.lists(st.text("abc-%_'", min_size=1, max_size=5), min_size=1, max_size=3, unique=True).map(
        tuple
    ),
)
_GROUPS = st.builds(
    Group,
    st.sampled_from(["all", "any"]),
    st.lists(
        _RULES
        | st.builds(
            Group, st.sampled_from(["all", "any"]), st.lists(_RULES, max_size=3).map(tuple)
        ),
        max_size=4,
    ).map(tuple),
)


@given(_GROUPS)
@settings(max_examples=60)
def test_any_rules_survive_being_kept(group: Group) -> None:
    assert parse(group.to_json()) == group


def test_any_rules_run_on_either_database_and_say_the_same_of_one_as_of_all(
    people: Database,
) -> None:
    @given(_GROUPS)
    @settings(max_examples=40)
    def check(group: Group) -> None:
        with people.reading() as session:
            ids = session.scalars(select(Contact.id)).all()
            one_by_one = sum(library.check_person(session, group, each).belongs for each in ids)
            assert one_by_one == library.count(session, group)

    check()
