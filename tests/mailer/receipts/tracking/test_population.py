"""Persons among machines: how many of 20,000 recipients' opens and clicks are told right."""

from collections.abc import Callable

import pytest

from mailer.receipts.tracking.classes import classify
from tests.mailer.receipts.tracking.population import Population, Truth

FLOOR = 0.99


@pytest.fixture(scope="module")
def population() -> Population:
    made = Population()
    classify([each.request for each in made.truths])
    return made


def who_clicked(population: Population, is_so: Callable[[Truth], bool]) -> set[int]:
    return {each.request.copy for each in population.truths if each.request.link and is_so(each)}


def test_whoever_is_said_to_have_clicked_has_and_whoever_has_is_said_to(
    population: Population,
) -> None:
    said = who_clicked(population, lambda each: each.request.by_person)
    true = who_clicked(population, lambda each: each.by_person)

    assert len(true) > 2_000
    assert len(said & true) / len(said) > FLOOR  # precision
    assert len(said & true) / len(true) > FLOOR  # recall


def test_whoever_is_said_to_have_opened_has_read(population: Population) -> None:
    opens = [each for each in population.truths if not each.request.link]
    said = {each.request.copy for each in opens if each.request.by_person}
    seen = {each.request.copy for each in opens if each.by_person}

    assert len(said & population.readers) / len(said) > FLOOR
    assert len(said & seen) / len(seen) > FLOOR


def test_scanners_alone_make_no_organisation_look_engaged(population: Population) -> None:
    clicks = [each for each in population.truths if each.request.link]
    scanned = {each.organisation for each in clicks if not each.by_person}
    read = {each.organisation for each in clicks if each.by_person}
    engaged = {each.organisation for each in clicks if each.request.by_person}

    assert len(scanned - read) > 50
    assert engaged - read == set()
