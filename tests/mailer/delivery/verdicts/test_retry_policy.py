"""When a deferred delivery is tried again: spread out, always the same, and not for ever."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.verdicts.retry_policy import RetryPolicy
from tests.factories import NOW

POLICY = RetryPolicy()


@given(st.integers(1, 40), st.integers(1, 2**40))
def test_a_wait_is_that_of_the_schedule_and_up_to_a_tenth_more(attempts: int, key: int) -> None:
    wanted = POLICY.schedule[min(attempts, len(POLICY.schedule)) - 1]

    due_at = POLICY.next_try(attempts, key=key, started_at=NOW, now=NOW)

    assert due_at is not None
    assert wanted <= (due_at - NOW).total_seconds() <= wanted * 1.1
    assert POLICY.next_try(attempts, key=key, started_at=NOW, now=NOW) == due_at


def test_deliveries_deferred_together_are_not_due_together() -> None:
    times = {POLICY.next_try(1, key=key, started_at=NOW, now=NOW) for key in range(1000)}

    assert len(times) > 900


def test_a_delivery_is_given_up_after_three_days() -> None:
    late = NOW + timedelta(days=3)

    assert POLICY.next_try(30, key=1, started_at=NOW, now=late) is None
