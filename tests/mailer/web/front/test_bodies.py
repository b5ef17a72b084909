"""Bodies: whole, in time and within their bound, or refused with the reason."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import IO, Any, TypeVar

import pytest

from mailer.web.front.bodies import SMALL, Allowance, Bodies, BodyRefused

T = TypeVar("T")


def run(what: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(what)


async def octets(*pieces: bytes, then: float = 0) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    await asyncio.sleep(then)


async def of(
    chunks: AsyncIterator[bytes],
    folder: Path,
    *,
    declared: int | None = None,
    most: int = SMALL,
    waits: bool = False,
    at_once: int = 4,
) -> IO[bytes]:
    async def allow() -> Allowance:
        return Allowance(most)

    bodies = Bodies(folder, at_once=at_once, patience=0.2, linger=0.1)
    return await bodies.read(chunks, declared=declared, waits=waits, allow=allow)


def status_of(what: Coroutine[Any, Any, IO[bytes]]) -> int:
    with pytest.raises(BodyRefused) as refused:
        run(what)
    return refused.value.status


@pytest.mark.parametrize("declared", [11, None])
def test_a_small_body_is_read_whole(tmp_path: Path, declared: int | None) -> None:
    body = run(of(octets(b"hello ", b"world"), tmp_path, declared=declared))

    assert body.read() == b"hello world"


@pytest.mark.parametrize("declared", [3 * SMALL, None])
def test_a_larger_body_is_read_where_it_is_allowed(tmp_path: Path, declared: int | None) -> None:
    pieces = [bytes([number]) * SMALL for number in range(3)]

    body = run(of(octets(*pieces), tmp_path, declared=declared, most=4 * SMALL))

    assert body.read() == b"".join(pieces)
    assert list(tmp_path.iterdir()) == []  # its file has no name


def test_a_body_that_does_not_end_in_time_is_refused(tmp_path: Path) -> None:
    assert status_of(of(octets(b"a", then=5), tmp_path, declared=100)) == 408


def test_a_larger_body_that_does_not_end_in_time_is_refused(tmp_path: Path) -> None:
    slow = octets(b"a" * SMALL, then=30)

    assert status_of(of(slow, tmp_path, declared=SMALL + 1, most=2 * SMALL)) == 408


@pytest.mark.parametrize("declared", [2 * SMALL, None])
def test_a_body_over_the_bound_is_refused(tmp_path: Path, declared: int | None) -> None:
    much = octets(b"a" * SMALL, b"a" * SMALL)

    assert status_of(of(much, tmp_path, declared=declared)) == 413


def test_a_body_of_chunks_that_outgrows_what_is_allowed_is_refused(tmp_path: Path) -> None:
    much = octets(*[b"a" * SMALL] * 9)

    assert status_of(of(much, tmp_path, most=4 * SMALL)) == 413


@pytest.mark.parametrize("declared", [100, 2 * SMALL])
def test_a_client_that_leaves_halfway_has_sent_nothing(tmp_path: Path, declared: int) -> None:
    assert status_of(of(octets(b"name=Al"), tmp_path, declared=declared, most=4 * SMALL)) == 400


def test_no_more_than_some_larger_bodies_are_read_at_once(tmp_path: Path) -> None:
    much = octets(b"a" * 2 * SMALL)

    assert status_of(of(much, tmp_path, declared=2 * SMALL, most=4 * SMALL, at_once=0)) == 503


def test_slow_strangers_keep_out_neither_operators_nor_one_another(tmp_path: Path) -> None:
    bodies = Bodies(tmp_path, at_once=1, of_strangers=3, patience=5)
    whole = b"a" * 2 * SMALL

    async def comes(whose: str, *, slow: bool = False) -> int:
        async def allow() -> Allowance:
            return Allowance(4 * SMALL, whose)

        pieces = octets(whole[: SMALL + 1], then=5) if slow else octets(whole)
        try:
            await bodies.read(pieces, declared=len(whole), waits=False, allow=allow)
        except BodyRefused as refused:
            return refused.status
        return 200

    async def all_come() -> list[int]:
        held = [asyncio.create_task(comes("mallory", slow=True)) for _ in range(2)]
        await asyncio.sleep(0.05)
        answers = [await comes(each) for each in ("mallory", "provider", "")]
        held.append(asyncio.create_task(comes("marvin", slow=True)))
        await asyncio.sleep(0.05)
        answers += [await comes(each) for each in ("provider", "")]
        for each in held:
            each.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        return [*answers, await comes("mallory")]

    assert run(all_come()) == [503, 200, 200, 503, 200, 200]
