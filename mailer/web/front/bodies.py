"""Bodies of requests: read within a bound of octets and a deadline, and never by a thread.

A client that sends slowly costs a coroutine, a client that sends too much costs what was already
read. Nothing larger than ``SMALL`` is held in memory: it goes to a file without a name, which is
gone with the request, or with the process.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Final

SMALL: Final = 64 * 1024  # octets that any request may bring
_PATIENCE: Final = 15.0  # seconds for a small body
_SLOWEST: Final = 32 * 1024  # octets a second of a larger one, on the average
_LINGER: Final = 3.0  # seconds in which what is refused is still read, so that the answer is seen

_AT_ONCE: Final = 4  # larger bodies of whoever is let in
_OF_STRANGERS: Final = 16  # of everybody else, who have no part in those …
_OF_ONE_STRANGER: Final = 2  # … nor all of these for one


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most octets that a request may bring; ``stranger`` is who brings it, unless let in."""

    octets: int
    stranger: str = ""


Allow = Callable[[], Awaitable[Allowance]]


class BodyRefused(Exception):
    """The body is not taken; ``status`` says why, in HTTP's numbers."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


class Bodies:
    """Reads bodies; larger ones into files of ``folder``, a few of them at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        at_once: int = _AT_ONCE,
        of_strangers: int = _OF_STRANGERS,
        patience: float = _PATIENCE,
        linger: float = _LINGER,
    ) -> None:
        self._folder = folder
        self._patience = patience
        self._linger = linger
        self._places = _Places(at_once, of_strangers)

    async def read(
        self, chunks: AsyncIterable[bytes], *, declared: int | None, waits: bool, allow: Allow
    ) -> IO[bytes]:
        """The whole body, from its first octet; BodyRefused says why it was not taken.

        ``declared`` is its Content-Length, None where it comes in chunks. ``allow`` is asked only
        about a body that is not small, and says what this request may bring.
        A client that ``waits`` to be told to go on (Expect: 100-continue) is refused at once.
        """
        if declared is not None and declared > SMALL:
            return await self._read_larger(chunks, b"", declared, waits=waits, allow=allow)
        body = bytearray()
        async with _deadline(self._patience):
            async for chunk in chunks:
                body += chunk
                if len(body) > SMALL:
                    break
        if len(body) > SMALL:
            return await self._read_larger(chunks, bytes(body), None, waits=False, allow=allow)
        if declared is not None and len(body) != declared:
            raise BodyRefused(400)  # the client has gone: half a form is no form
        return BytesIO(bytes(body))

    async def _read_larger(
        self,
        chunks: AsyncIterable[bytes],
        begun: bytes,
        declared: int | None,
        *,
        waits: bool,
        allow: Allow,
    ) -> IO[bytes]:
        allowed = await allow()
        most = allowed.octets
        if max(declared or 0, len(begun)) > most:
            if not waits:
                await self._drain(chunks)
            raise BodyRefused(413)
        with self._places.taken(allowed.stranger):
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # the request closes it
            try:
                async with _deadline(self._patience + (declared or most) / _SLOWEST):
                    size = await _copy(chunks, begun, file, most=most)
                    await self._check(chunks, size, declared, most=most)
            except BaseException:  # also a request that was called off: its file goes with it
                file.close()
                raise
            file.seek(0)
            return file

    async def _check(
        self, chunks: AsyncIterable[bytes], size: int, declared: int | None, *, most: int
    ) -> None:
        if size > most:
            await self._drain(chunks)
            raise BodyRefused(413)
        if declared is not None and size != declared:
            raise BodyRefused(400)  # the client has gone: half a file is no file

    async def _drain(self, chunks: AsyncIterable[bytes]) -> None:
        # Most clients read an answer only once they have sent everything. This costs no memory.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._linger):
                async for _ in chunks:
                    pass


class _Places:
    """Where larger bodies are read: a client that is slow keeps one, and nobody keeps them all."""

    def __init__(self, at_once: int, of_strangers: int) -> None:
        self._at_once = at_once
        self._of_strangers = of_strangers
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, stranger: str) -> Iterator[None]:
        """A place while the block runs; BodyRefused(503) where there is none."""
        if not self._has_room(stranger):
            raise BodyRefused(503)
        self._taken[stranger] += 1
        try:
            yield
        finally:
            self._taken[stranger] -= 1
            if not self._taken[stranger]:
                del self._taken[stranger]

    def _has_room(self, stranger: str) -> bool:
        let_in = self._taken[""]
        if not stranger:
            return let_in < self._at_once
        strangers = self._taken.total() - let_in
        return strangers < self._of_strangers and self._taken[stranger] < _OF_ONE_STRANGER


class _deadline:  # noqa: N801  # read as a word of the language
    """A bound on the time of the block; BodyRefused(408) when it is over."""

    def __init__(self, seconds: float) -> None:
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *error: object) -> None:
        try:
            await self._timeout.__aexit__(*error)  # type: ignore[arg-type]
        except TimeoutError:
            raise BodyRefused(408) from None


async def _copy(chunks: AsyncIterable[bytes], begun: bytes, file: IO[bytes], *, most: int) -> int:
    """Write what comes to the file, in another thread; the octets that came."""
    waiting, size = bytearray(begun), len(begun)
    async for chunk in chunks:
        waiting += chunk
        size += len(chunk)
        if size > most:
            return size
        if len(waiting) >= SMALL:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))
    return size
