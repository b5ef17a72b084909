"""Names at one mailbox: what may be one person, and what may not."""

import pytest

from contacts.importing.applying.same_person import may_be_one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Bell", ""),
        ("Ann Bell", "ann  BELL"),
        ("Al Bell", "Alan Bell"),
        ("Al Bell", "A. B."),
        ("Kaur, Amrit", "Cllr Amrit Kaur"),
        ("Cllr Ann Bell", "Mrs Ann Bell, OBE"),
        ("Zoë Otto", "Zoe Otto"),
        ("Maya Lindqvist", "Maya Lindqvist-Hale"),
        ("Cllr Kaur", "Amrit Kaur"),
    ],
)
def test_one_person_may_be_written_in_two_ways(one: str, other: str) -> None:
    assert may_be_one(one, other)
    assert may_be_one(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Bell", "Bob Cole"),
        ("Ann Bell", "Bob Bell"),
        ("Ann Bell", "Ann Cole"),
        ("Cllr Ann Bell, OBE", "Cllr Bob Bell, OBE"),
        ("Bell, Ann", "Bell, Bob"),
        ("Al", "Bo"),
    ],
)
def test_two_people_are_not_made_one(one: str, other: str) -> None:
    assert not may_be_one(one, other)
    assert not may_be_one(other, one)
