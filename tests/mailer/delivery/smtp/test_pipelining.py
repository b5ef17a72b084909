"""The memory of a relay's pipelining mode: what makes it slower, and when a faster one is tried."""

from dataclasses import replace

import pytest

from mailer.delivery.smtp.pipelining import (
    HOUR,
    Grouping,
    GroupingFault,
    Loan,
    ModeChange,
    PipeliningMemory,
    best,
)
from mailer.delivery.smtp.replies import Capabilities

BOTH = Capabilities(pipelining=True, chunking=True)


class Walk:
    """A pipelining memory and a clock, for loans one after another."""

    def __init__(self) -> None:
        self.memory = PipeliningMemory()
        self.now = 0.0

    def lend(self) -> Loan:
        self.now += 1
        return self.memory.begin_loan(BOTH, now=self.now)

    def end(
        self, loan: Loan, grouping_fault: GroupingFault | None = None, carried: int = 5
    ) -> ModeChange | None:
        self.now += 1
        return self.memory.learn(loan, fault=grouping_fault, carried=carried, now=self.now)

    def loan(
        self, grouping_fault: GroupingFault | None = None, carried: int = 5
    ) -> ModeChange | None:
        return self.end(self.lend(), grouping_fault, carried)

    @property
    def mode(self) -> Grouping:
        return self.memory.begin_loan(BOTH, now=self.now).grouping


@pytest.fixture
def walk() -> Walk:
    return Walk()


@pytest.mark.parametrize(
    ("offered", "mode"),
    [
        (Capabilities(), Grouping.SINGLE),
        (Capabilities(chunking=True), Grouping.SINGLE),
        (Capabilities(pipelining=True), Grouping.FULL),
        (BOTH, Grouping.CHUNKING),
    ],
)
def test_the_best_mode_is_what_the_relay_offers(offered: Capabilities, mode: Grouping) -> None:
    assert best(offered) is mode
    assert PipeliningMemory().begin_loan(offered, now=0).grouping is mode
    assert Grouping.SINGLE.within(offered) is Grouping.SINGLE


def test_an_answer_out_of_step_changes_the_mode_at_once(walk: Walk) -> None:
    walk.loan()

    step = walk.loan(GroupingFault.OUT_OF_STEP, carried=500)

    assert step == (Grouping.CHUNKING, Grouping.FULL, "it answered out of step")


@pytest.mark.parametrize("grouping_fault", [GroupingFault.BREAK, GroupingFault.SILENCE])
def test_in_a_mode_that_never_worked_one_fault_is_enough(
    walk: Walk, grouping_fault: GroupingFault
) -> None:
    for _ in range(5):
        walk.loan(grouping_fault, carried=0)

    assert walk.mode is Grouping.SINGLE


@pytest.mark.parametrize("grouping_fault", [GroupingFault.BREAK, GroupingFault.SILENCE])
def test_in_a_mode_that_worked_the_second_fault_counts(
    walk: Walk, grouping_fault: GroupingFault
) -> None:
    walk.loan()

    assert walk.loan(grouping_fault) is None
    assert walk.loan(grouping_fault) is not None
    assert walk.mode is Grouping.FULL


def test_two_breaks_with_ten_loans_between_change_nothing(walk: Walk) -> None:
    for _ in range(5):
        walk.loan(GroupingFault.BREAK)
        for _ in range(10):
            walk.loan()

    assert walk.mode is Grouping.CHUNKING


def test_connections_that_break_together_count_as_one_break(walk: Walk) -> None:
    walk.loan()
    out = [walk.lend() for _ in range(8)]

    assert [walk.end(each, GroupingFault.BREAK) for each in out] == [None] * 8
    assert walk.mode is Grouping.CHUNKING


def test_faults_in_a_mode_that_was_left_change_nothing(walk: Walk) -> None:
    out = [walk.lend() for _ in range(8)]
    for each in out:
        walk.end(each, GroupingFault.OUT_OF_STEP)

    assert walk.mode is Grouping.FULL


def test_a_relay_that_hangs_up_after_many_messages_is_not_blamed(walk: Walk) -> None:
    for _ in range(20):
        walk.loan(GroupingFault.BREAK, carried=100)

    assert walk.mode is Grouping.CHUNKING


def test_after_an_hour_one_connection_tries_the_faster_mode(walk: Walk) -> None:
    walk.loan(GroupingFault.OUT_OF_STEP)
    walk.now += HOUR - 10
    assert walk.lend().grouping is Grouping.FULL
    walk.now += 10

    first, second = walk.lend(), walk.lend()
    step = walk.end(first)

    assert (first.grouping, second.grouping) == (Grouping.CHUNKING, Grouping.FULL)
    assert step
    assert step.now is Grouping.CHUNKING
    walk.end(second, GroupingFault.BREAK)
    walk.now += 10 * HOUR
    assert walk.lend() == replace(walk.lend(), since=walk.now - 1)
    assert walk.mode is Grouping.CHUNKING


def test_a_failed_trial_is_repeated_after_twice_the_time(walk: Walk) -> None:
    walk.loan(GroupingFault.OUT_OF_STEP)
    walk.loan()
    walk.now += HOUR

    assert walk.loan(GroupingFault.SILENCE, carried=1) is None
    walk.now += HOUR + 10
    assert walk.lend().grouping is Grouping.FULL
    walk.now += HOUR
    assert walk.lend().grouping is Grouping.CHUNKING


def test_a_trial_that_carried_nothing_changes_nothing(walk: Walk) -> None:
    walk.loan(GroupingFault.OUT_OF_STEP)
    walk.now += HOUR

    assert walk.loan(carried=0) is None
    assert walk.lend().trial


def test_another_ehlo_starts_afresh(walk: Walk) -> None:
    walk.loan(GroupingFault.OUT_OF_STEP)

    other = walk.memory.begin_loan(replace(BOTH, size=1000), now=walk.now)

    assert other.grouping is Grouping.CHUNKING
    assert walk.mode is Grouping.FULL


def test_a_relay_with_ever_new_capabilities_does_not_fill_the_memory() -> None:
    memory = PipeliningMemory()
    for size in range(1000):
        memory.begin_loan(replace(BOTH, size=size), now=0)

    assert len(memory._memories) <= 16
