"""The memory of a relay's rung: what makes it step down, and what lets it climb again."""

from dataclasses import replace

import pytest

from mailer.delivery.smtp.pipelining import HOUR, Footing, Grouping, Ladder, Misstep, Step, best
from mailer.delivery.smtp.replies import Capabilities

BOTH = Capabilities(pipelining=True, chunking=True)


class Walk:
    """A ladder and a clock, told of loans one after another."""

    def __init__(self) -> None:
        self.ladder = Ladder()
        self.now = 0.0

    def lend(self) -> Footing:
        self.now += 1
        return self.ladder.stand(BOTH, now=self.now)

    def end(
        self, footing: Footing, misstep: Misstep | None = None, carried: int = 5
    ) -> Step | None:
        self.now += 1
        return self.ladder.learn(footing, misstep=misstep, carried=carried, now=self.now)

    def loan(self, misstep: Misstep | None = None, carried: int = 5) -> Step | None:
        return self.end(self.lend(), misstep, carried)

    @property
    def rung(self) -> Grouping:
        return self.ladder.stand(BOTH, now=self.now).grouping


@pytest.fixture
def walk() -> Walk:
    return Walk()


@pytest.mark.parametrize(
    ("offered", "rung"),
    [
        (Capabilities(), Grouping.SINGLE),
        (Capabilities(chunking=True), Grouping.SINGLE),
        (Capabilities(pipelining=True), Grouping.FULL),
        (BOTH, Grouping.CHUNKING),
    ],
)
def test_the_best_rung_is_what_the_relay_offers(offered: Capabilities, rung: Grouping) -> None:
    assert best(offered) is rung
    assert Ladder().stand(offered, now=0).grouping is rung
    assert Grouping.SINGLE.within(offered) is Grouping.SINGLE


def test_an_answer_out_of_step_costs_a_rung_at_once(walk: Walk) -> None:
    walk.loan()

    step = walk.loan(Misstep.OUT_OF_STEP, carried=500)

    assert step == (Grouping.CHUNKING, Grouping.FULL, "it answered out of step")


@pytest.mark.parametrize("misstep", [Misstep.BREAK, Misstep.SILENCE])
def test_where_nothing_has_worked_once_is_enough(walk: Walk, misstep: Misstep) -> None:
    for _ in range(5):
        walk.loan(misstep, carried=0)

    assert walk.rung is Grouping.SINGLE


@pytest.mark.parametrize("misstep", [Misstep.BREAK, Misstep.SILENCE])
def test_where_messages_were_answered_the_second_time_counts(walk: Walk, misstep: Misstep) -> None:
    walk.loan()

    assert walk.loan(misstep) is None
    assert walk.loan(misstep) is not None
    assert walk.rung is Grouping.FULL


def test_breaks_far_apart_are_no_pattern(walk: Walk) -> None:
    for _ in range(5):
        walk.loan(Misstep.BREAK)
        for _ in range(10):
            walk.loan()

    assert walk.rung is Grouping.CHUNKING


def test_connections_that_break_together_break_once(walk: Walk) -> None:
    walk.loan()
    out = [walk.lend() for _ in range(8)]

    assert [walk.end(each, Misstep.BREAK) for each in out] == [None] * 8
    assert walk.rung is Grouping.CHUNKING


def test_missteps_on_a_rung_that_was_left_are_old_news(walk: Walk) -> None:
    out = [walk.lend() for _ in range(8)]
    for each in out:
        walk.end(each, Misstep.OUT_OF_STEP)

    assert walk.rung is Grouping.FULL


def test_a_relay_that_hangs_up_after_many_messages_is_not_blamed(walk: Walk) -> None:
    for _ in range(20):
        walk.loan(Misstep.BREAK, carried=100)

    assert walk.rung is Grouping.CHUNKING


def test_after_an_hour_one_connection_goes_first(walk: Walk) -> None:
    walk.loan(Misstep.OUT_OF_STEP)
    walk.now += HOUR - 10
    assert walk.lend().grouping is Grouping.FULL
    walk.now += 10

    first, second = walk.lend(), walk.lend()
    step = walk.end(first)

    assert (first.grouping, second.grouping) == (Grouping.CHUNKING, Grouping.FULL)
    assert step
    assert step.now is Grouping.CHUNKING
    walk.end(second, Misstep.BREAK)
    walk.now += 10 * HOUR
    assert walk.lend() == replace(walk.lend(), since=walk.now - 1)
    assert walk.rung is Grouping.CHUNKING


def test_a_trial_that_fails_is_repeated_after_twice_as_long(walk: Walk) -> None:
    walk.loan(Misstep.OUT_OF_STEP)
    walk.loan()
    walk.now += HOUR

    assert walk.loan(Misstep.SILENCE, carried=1) is None
    walk.now += HOUR + 10
    assert walk.lend().grouping is Grouping.FULL
    walk.now += HOUR
    assert walk.lend().grouping is Grouping.CHUNKING


def test_a_trial_that_carried_nothing_says_nothing(walk: Walk) -> None:
    walk.loan(Misstep.OUT_OF_STEP)
    walk.now += HOUR

    assert walk.loan(carried=0) is None
    assert walk.lend().trial


def test_another_ehlo_starts_afresh(walk: Walk) -> None:
    walk.loan(Misstep.OUT_OF_STEP)

    other = walk.ladder.stand(replace(BOTH, size=1000), now=walk.now)

    assert other.grouping is Grouping.CHUNKING
    assert walk.rung is Grouping.FULL


def test_a_relay_of_a_thousand_faces_does_not_fill_the_memory() -> None:
    ladder = Ladder()
    for size in range(1000):
        ladder.stand(replace(BOTH, size=size), now=0)

    assert len(ladder._memories) <= 16
