"""Persons and machines by what shows beside other requests: times, speed, and company."""

from collections.abc import Sequence
from random import Random

from mailer.composition.parts import UNSEEN_LINK
from mailer.receipts.tracking.classes import (
    CLICKED_AT_ONCE,
    CLICKED_UNOPENED,
    OPENED_AT_ONCE,
    SOON,
    TrackedRequest,
    classify,
)
from mailer.receipts.tracking.grounds import Ground

HOUR = 3600.0
SENT = 1_765_188_000.0  # when the relay took the copies
HERS, THEIRS = "1" * 16, "2" * 16


def request(
    after: float,
    link: int = 0,
    *,
    copy: int = 1,
    source: str = HERS,
    grounds: Sequence[Ground] = (),
) -> TrackedRequest:
    return TrackedRequest(copy, link, SENT + after, SENT, source, frozenset(grounds))


def judged(*requests: TrackedRequest) -> list[bool]:
    """Whether each is a person's, in the order given."""
    classify(requests)
    return [each.by_person for each in requests]


def test_a_reader_is_a_person() -> None:
    assert judged(request(HOUR), request(HOUR + 8, 1), request(HOUR + 40, 4)) == [True] * 3


def test_what_comes_sooner_than_anybody_reads_is_a_machine() -> None:
    early = request(OPENED_AT_ONCE - 0.1), request(CLICKED_AT_ONCE - 0.1, 1)
    later = request(OPENED_AT_ONCE, copy=2), request(CLICKED_AT_ONCE, 1, copy=2)

    assert judged(*early, *later) == [False, False, True, True]
    assert judged(request(CLICKED_UNOPENED - 0.1, 1), request(HOUR, copy=2)) == [False, True]
    assert early[0].grounds == early[1].grounds == {Ground.AT_ONCE}


def test_what_comes_before_the_relay_has_answered_is_a_machine() -> None:
    assert judged(request(-0.4, 1)) == [False]


def test_a_copy_in_doubt_has_no_time_to_go_by() -> None:
    unknown = TrackedRequest(1, 1, SENT, None, HERS)

    assert judged(unknown) == [True]


def test_links_faster_than_anybody_presses_them_are_a_machine() -> None:
    burst = [request(HOUR + n / 2, n + 1) for n in range(5)]
    alone = request(2 * HOUR, 2)

    assert judged(*burst, alone) == [False] * 5 + [True]
    assert burst[0].grounds >= {Ground.BURST}


def test_a_patient_scanner_is_a_machine_as_well() -> None:
    assert judged(*(request(HOUR + 9 * n, n + 1) for n in range(6))) == [False] * 6


def test_two_links_soon_after_each_other_are_a_person() -> None:
    assert judged(request(HOUR, 1), request(HOUR + 1, 2)) == [True, True]


def test_one_link_pressed_three_times_is_a_person() -> None:
    assert judged(*(request(HOUR + n / 2, 7) for n in range(3))) == [True] * 3


def test_a_flood_of_one_link_is_a_machine() -> None:
    assert judged(*(request(HOUR + n / 10, 7) for n in range(30))) == [False] * 30


def test_the_picture_that_a_burst_fetches_belongs_to_it() -> None:
    burst = [request(HOUR + n / 10, n, source=THEIRS) for n in range(4)]

    assert judged(*burst) == [False] * 4


def test_a_reader_is_a_person_also_while_a_scanner_is_at_her_copy() -> None:
    burst = [request(60 + n / 10, n + 1, source=THEIRS) for n in range(4)]
    opened, clicked = request(HOUR), request(HOUR + 9, 2)

    assert judged(*burst, opened, clicked) == [False] * 4 + [True, True]


def test_a_person_who_opens_during_a_burst_counts_once_she_clicks() -> None:
    burst = [request(60 + n / 10, n + 1, source=THEIRS) for n in range(4)]

    assert judged(*burst, request(61)) == [False] * 5
    assert judged(*burst, request(61), request(HOUR, 2)) == [False] * 4 + [True, True]


def test_whoever_follows_the_link_that_nobody_sees_is_a_machine() -> None:
    seen = [request(HOUR, UNSEEN_LINK), request(HOUR + 30, 1), request(HOUR + 31, source=THEIRS)]

    assert judged(*seen) == [False, False, True]
    assert seen[1].grounds == {Ground.SAME_SOURCE}


def test_a_program_that_looks_first_and_then_fetches_is_a_machine_both_times() -> None:
    look, fetch = request(HOUR, 1, grounds=[Ground.HEAD]), request(HOUR + 5, 1)

    assert judged(look, fetch) == [False, False]


def test_a_source_at_many_copies_at_once_is_a_machine() -> None:
    sweep = [request(HOUR + 3 * n, 1, copy=n) for n in range(8)]

    assert judged(*sweep) == [False] * 8
    assert {Ground.MANY_COPIES} == sweep[0].grounds


def test_an_office_behind_one_address_is_people() -> None:
    """Two hundred of one council, with the same browser behind one address, over a day."""
    chance = Random(4)
    office = []
    for copy in range(200):
        at = chance.expovariate(1 / (2 * HOUR)) + 30
        office.append(request(at, copy=copy))
        if copy % 3 == 0:
            office.append(request(at + chance.uniform(6, 90), 1 + copy % 5, copy=copy))

    assert judged(*office).count(False) <= len(office) // 50


def test_a_source_known_as_a_machine_is_one_at_its_single_requests_too() -> None:
    known = [request(2, 1, copy=copy, source=THEIRS) for copy in range(4)]
    single = request(90, 3, copy=9, source=THEIRS)
    late = request(SOON + 1, 3, copy=10, source=THEIRS)

    *_, soon, after = judged(*known, single, late)

    assert (soon, after) == (False, True)
    assert single.grounds == {Ground.SAME_SOURCE}


def test_the_click_of_a_person_makes_her_open_hers() -> None:
    proxied = request(20, grounds=[Ground.PRIVACY_PROXY], source="")
    clicked = request(HOUR, 3)

    assert judged(proxied, clicked) == [True, True]
    assert proxied.grounds == {Ground.PRIVACY_PROXY}


def test_the_click_of_a_machine_does_not() -> None:
    proxied = request(20, grounds=[Ground.PRIVACY_PROXY], source="")
    clicked = request(HOUR, 3, grounds=[Ground.LIBRARY], source=THEIRS)

    assert judged(proxied, clicked) == [False, False]


def test_nor_an_open_that_comes_after_the_click() -> None:
    proxied = request(2 * HOUR, grounds=[Ground.PRIVACY_PROXY], source="")

    assert judged(request(HOUR, 3), proxied) == [True, False]


def test_judged_again_and_in_any_order_it_is_the_same() -> None:
    chance = Random(11)
    requests = [
        request(
            chance.choice([1, 30, 61, 62, HOUR, HOUR + 1]) + chance.random(),
            chance.randrange(4),
            copy=chance.randrange(12),
            source=chance.choice([HERS, THEIRS, ""]),
            grounds=chance.choice([[], [], [Ground.HEAD], [Ground.PRIVACY_PROXY]]),
        )
        for _ in range(200)
    ]
    classify(requests)
    first = [(each.by_person, each.grounds) for each in requests]

    mixed = requests[:]
    chance.shuffle(mixed)
    classify(mixed)

    assert [(each.by_person, each.grounds) for each in requests] == first
