"""Certificates are fetched one at a time, kept, and not asked for again at once where they fail."""

import io
import threading
from collections.abc import Callable

import pytest
from werkzeug.exceptions import ServiceUnavailable

from mailer.web.hooks.certificates import Certificates

URL = "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-%d.pem"


class Amazon:
    """A host that answers as told, and counts who asks."""

    def __init__(self, answer: Callable[[], bytes]) -> None:
        self.asked: list[str] = []
        self._answer = answer

    def open(self, url: str, timeout: float) -> io.BytesIO:
        self.asked.append(url)
        assert timeout <= 5
        return io.BytesIO(self._answer())


def certificates(amazon: Amazon, clock: list[float]) -> Certificates:
    made = Certificates(lambda: clock[0])
    made._opener = amazon  # type: ignore[assignment]  # it opens as that one does
    return made


def away() -> bytes:
    raise TimeoutError


def test_one_is_fetched_once() -> None:
    amazon = Amazon(lambda: b"PEM")
    kept = certificates(amazon, [0.0])

    assert [kept.fetch(URL % 1), kept.fetch(URL % 1)] == [b"PEM"] * 2
    assert len(amazon.asked) == 1


def test_one_that_cannot_be_fetched_is_let_be_for_a_minute() -> None:
    amazon, clock = Amazon(away), [0.0]
    kept = certificates(amazon, clock)

    for at in (0.0, 1.0, 59.0, 61.0):
        clock[0] = at
        with pytest.raises(ServiceUnavailable):
            kept.fetch(URL % 1)

    assert len(amazon.asked) == 2


def test_made_up_addresses_hold_one_thread_at_most() -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slowly() -> bytes:
        asked.set()
        assert go_on.wait(10)
        return b"PEM"

    kept = certificates(Amazon(slowly), [0.0])
    first = threading.Thread(target=kept.fetch, args=(URL % 1,))
    first.start()
    assert asked.wait(10)

    with pytest.raises(ServiceUnavailable):
        kept.fetch(URL % 2)

    go_on.set()
    first.join(10)
    assert kept.fetch(URL % 1) == b"PEM"
