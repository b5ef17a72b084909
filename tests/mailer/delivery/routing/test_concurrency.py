"""The number of connections: as many as the speed needs, fewer where a relay refuses them."""

from mailer.delivery.routing.concurrency import Concurrency


def sending(speed: float, *, a_connection: float, limit: int = 100, seconds: int = 60) -> int:
    """The final number of connections, when each carries so many messages a second."""
    concurrency = Concurrency(limit=limit, speed=speed, now=0.0)
    for tenth in range(seconds * 10):
        concurrency.busy = concurrency.wanted
        behind = concurrency.busy * a_connection < speed
        concurrency.behind(behind, now=tenth / 10)
    return concurrency.wanted


def carrying_all_it_can(most: float, *, a_connection: float, limit: int = 100) -> Concurrency:
    """Ten minutes without a set speed, with a relay that takes no more than ``most`` a second."""
    concurrency = Concurrency(limit=limit, speed=None, now=0.0)
    for tenth in range(6000):
        concurrency.busy = concurrency.wanted
        rate = min(most, concurrency.busy * a_connection)
        concurrency.carried(round(rate), waiting=True, at_will=True, now=float(tenth))
    return concurrency


def test_connections_are_added_until_the_speed_is_reached() -> None:
    assert sending(5, a_connection=20) == 1
    assert 25 <= sending(50, a_connection=2) <= 40
    assert sending(500, a_connection=5) == 100


def test_connections_never_exceed_the_limit() -> None:
    assert sending(500, a_connection=0.1, limit=3) == 3
    assert carrying_all_it_can(1e9, a_connection=1, limit=12).wanted == 12


def test_the_round_trip_gives_the_number_of_connections_at_once() -> None:
    concurrency = Concurrency(limit=200, speed=500, now=0.0)
    concurrency.aim(500, 0.2)
    assert 100 <= concurrency.wanted <= 150


def test_without_a_speed_added_connections_stay_only_if_more_is_carried() -> None:
    assert carrying_all_it_can(80, a_connection=20).wanted <= 12
    assert carrying_all_it_can(1000, a_connection=20).wanted >= 40


def test_a_refused_connection_stops_growth_for_a_minute() -> None:
    concurrency = Concurrency(limit=50, speed=500, now=0.0)
    concurrency.busy = 5
    concurrency.refused(now=10.0)
    allowed = concurrency.wanted
    concurrency.aim(500, 0.2)
    for tenth in range(300):
        concurrency.busy = concurrency.wanted
        concurrency.behind(True, now=10 + tenth / 10)

    assert allowed == 4
    assert concurrency.wanted == 4


def test_refusals_at_one_time_leave_half_of_the_connections() -> None:
    concurrency = Concurrency(limit=50, speed=500, now=0.0)
    concurrency.busy = 20
    for _ in range(40):
        concurrency.refused(now=10.0)
    at_once = concurrency.wanted
    concurrency.busy = at_once
    for _ in range(40):
        concurrency.refused(now=13.0)

    assert (at_once, concurrency.wanted) == (10, 5)


def test_a_limit_that_was_lower_for_a_while_is_forgotten() -> None:
    concurrency = Concurrency(limit=100, speed=500, now=0.0)
    before = concurrency.wanted
    concurrency.limit = 5
    for tenth in range(100):
        concurrency.busy = concurrency.wanted
        concurrency.behind(True, now=tenth / 10)
    concurrency.limit = 100

    assert concurrency.wanted >= before
