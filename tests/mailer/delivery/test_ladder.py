"""The memory of a relay's rung: what makes it step down, and what lets it climb again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from mailer.delivery.ladder import HOUR, Footing, Grouping, Ladder, Misstep, Step, best
from mailer.delivery.relays import Relay
from mailer.delivery.replies import Capabilities, Lost, Reply
from mailer.delivery.smtp import Outcome, Timeouts
from mailer.delivery.transactions import Exchange
from tests.fakes.smtp_server import Do, FaultServer, Script
from tests.mailer.delivery.talking import (
    BODY,
    FULL_OFFER,
    HASTY,
    PATIENT,
    address,
    envelope,
    fates,
)

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


# With a relay on the other side


def carried(relay: Relay, first: int, count: int = 3) -> tuple[Grouping, list[Outcome]]:
    with relay.connection() as connection:
        rung = connection.grouping
        outcomes = list(connection.send(envelope(first + n) for n in range(count)))
    return rung, outcomes


def patiently(server: FaultServer, timeouts: Timeouts = PATIENT) -> Relay:
    return Relay(address(server), hello_name="us.example", timeouts=timeouts)


def all_arrive(server: FaultServer, relay: Relay, count: int) -> list[Grouping]:
    """Send everything, again where it stayed untouched; the rungs of the loans on the way."""
    left, arrived = list(range(count)), list[int]()
    rungs: list[Grouping] = []
    while left and len(rungs) < 12:
        with relay.connection() as connection:
            rungs.append(connection.grouping)
            told = fates(list(connection.send(envelope(key) for key in left)))
        arrived += [key for key, fate in told.items() if fate == "accepted"]
        left = [key for key, fate in told.items() if fate == "untouched"]
    relay.close()
    assert sorted(arrived) == list(range(count))
    assert sorted(server.recipients) == sorted(f"r{key}@example.com" for key in range(count))
    return rungs


def test_a_lying_relay_is_found_out_rung_by_rung_and_loses_nothing() -> None:
    with FaultServer(Script(lying=True, capabilities=FULL_OFFER)) as server:
        rungs = all_arrive(server, patiently(server, HASTY), 5)

    assert rungs == list(Grouping)


def test_a_relay_that_takes_no_content_first_is_talked_to_by_envelopes() -> None:
    script = Script(capabilities=("PIPELINING",), drops_behind_content="r")
    with FaultServer(script) as server:
        rungs = all_arrive(server, patiently(server, HASTY), 6)

    assert rungs[-1] is Grouping.ENVELOPE
    assert len(rungs) == 3


def test_a_relay_that_does_not_know_its_own_chunking_is_sent_data() -> None:
    with FaultServer(Script(capabilities=FULL_OFFER, knows_bdat=False)) as server:
        rungs = all_arrive(server, patiently(server), 4)

    assert rungs == [Grouping.CHUNKING, Grouping.FULL]


def test_a_step_is_one_line_without_addresses() -> None:
    script = Script(capabilities=FULL_OFFER, on_mail=lambda _: "503 5.5.1 r1@example.com early")
    with FaultServer(script) as server, capture_logs() as lines:
        carried(patiently(server), 1)

    assert lines == [
        {
            "event": "pipelining changed",
            "log_level": "warning",
            "was": Grouping.CHUNKING,
            "now": Grouping.FULL,
            "why": "it answered out of step",
        }
    ]


def test_a_waiting_connection_takes_the_rung_of_the_day() -> None:
    refusals = iter(["250 ok", "503 5.5.1 early"])
    script = Script(capabilities=FULL_OFFER, on_mail=lambda _: next(refusals, "250 ok"))
    with FaultServer(script) as server:
        relay = patiently(server)
        with relay.connection() as good:
            assert good.grouping is Grouping.CHUNKING
            list(good.send([envelope(1)]))
            carried(relay, 2, 1)
        rung, outcomes = carried(relay, 3)
        relay.close()

    assert rung is Grouping.FULL
    assert set(fates(outcomes).values()) == {"accepted"}
    assert server.connections == 2


@pytest.mark.parametrize("offer", [FULL_OFFER, ("PIPELINING",), ()])
def test_the_limit_of_messages_costs_a_connection_and_no_rung(offer: tuple[str, ...]) -> None:
    script = Script(strict=True, capabilities=(*offer, "LIMITS MAILMAX=2"))
    with FaultServer(script) as server, capture_logs() as lines:
        rungs = all_arrive(server, patiently(server), 9)

    assert len(set(rungs)) == 1
    assert len(rungs) == server.connections == 5
    assert all(reads[-1].endswith(b"QUIT\r\n") for reads in server.transcript)
    assert lines == []


def test_a_relay_that_says_goodbye_is_not_blamed() -> None:
    goodbye = Do("421 4.3.2 bye", close=True)
    count = iter(range(100))
    script = Script(
        capabilities=FULL_OFFER,
        on_mail=lambda _: goodbye if next(count) % 3 == 2 else "250 ok",
    )
    with FaultServer(script) as server:
        relay = patiently(server)
        rungs = {carried(relay, 10 * n)[0] for n in range(5)}
        relay.close()

    assert rungs == {Grouping.CHUNKING}


# How much has left


class CutWire:
    """Answers like a willing server until a write is cut short after so many octets."""

    def __init__(self, cut_at: int, replies: Sequence[int]) -> None:
        self.broken = self.unread = False
        self.written = 0
        self._cut_at = cut_at
        self._replies = list(replies)

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        size = sum(map(len, pieces))
        if self.written + size > self._cut_at:
            self.broken = True
        gone = min(size, self._cut_at - self.written)
        self.written += gone
        return gone

    def read(self, seconds: float) -> Reply:
        if self.broken or not self._replies:
            raise Lost("connection lost")
        return Reply(self._replies.pop(0), "")


@pytest.mark.parametrize(
    ("grouping", "before", "ends"),
    [
        (Grouping.CHUNKING, [250, 250], len(b"BDAT %d LAST\r\n" % len(BODY)) + len(BODY)),
        (Grouping.FULL, [250, 250, 354], len(BODY) + 1),  # the dot, with no line end behind it
        (Grouping.ENVELOPE, [250, 250, 354], len(BODY) + 1),
        (Grouping.SINGLE, [250, 250, 354], len(BODY) + 1),
    ],
)
@pytest.mark.parametrize("messages", [1, 2])
def test_a_message_is_in_doubt_from_its_last_octet_on_and_not_before(
    grouping: Grouping, before: list[int], ends: int, messages: int
) -> None:
    opening = b"MAIL FROM:<back@example.org>\r\nRCPT TO:<r0@example.com>\r\n"
    start = len(opening) + (len(b"DATA\r\n") if 354 in before else 0)
    for cut_at in range(start, start + ends + 2):
        wire = CutWire(cut_at, before)
        exchange = Exchange(wire, BOTH, grouping=grouping, timeouts=PATIENT)
        outcomes = list(exchange.carry(envelope(key) for key in range(messages)))

        expected = "uncertain" if cut_at - start >= ends else "untouched"
        assert fates(outcomes)[0] == expected, cut_at - start
        assert set(fates(outcomes[1:]).values()) <= {"untouched"}
        assert not exchange.usable
