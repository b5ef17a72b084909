"""Persons and machines: which requests are whose, worked out from all that is known of a copy.

Every threshold stands here, and nowhere else. Nothing here reads a clock or a database: the same
requests give the same answer, so the work can be done again when a threshold has changed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mailer.composition.parts import UNSEEN_LINK
from mailer.receipts.tracking.grounds import OF_THE_REQUEST, Ground

OPENED_AT_ONCE: Final = 5.0  # seconds after its relay took the copy; nobody has seen it by then
CLICKED_AT_ONCE: Final = 10.0  # the same for a link: nobody has found it and pressed it by then
CLICKED_UNOPENED: Final = 60.0  # the same where no picture of the copy was fetched before
# Of one copy: so many links that differ within so many seconds, or so many requests of any kind.
BURSTS: Final = ((3, 3.0), (6, 60.0))
FLOOD: Final = (20, 10.0)
AROUND_A_BURST: Final = 2.0  # seconds before and behind one: its sources and pictures belong to it
# Of one source: the copies of so many people within so many seconds.
SWEEP_OF_LINKS: Final = (4, 20.0)
SWEEP_OF_PICTURES: Final = (6, 3.0)
# A source that showed itself to be a machine at so many copies, and at so large a part of those it
# took up soon after they were accepted, is one at all that it takes up so soon.
KNOWN_BY: Final = 3
KNOWN_PART: Final = 0.5
SOON: Final = 600.0  # seconds after acceptance; also how long a source is remembered within a copy

# What shows that a source is a machine, and is no chance and no header that browsers send too.
_TELLING: Final = frozenset(
    {
        Ground.LIBRARY,
        Ground.GATEWAY,
        Ground.NETWORK,
        Ground.HEAD,
        Ground.UNSEEN_LINK,
        Ground.BURST,
        Ground.MANY_COPIES,
    }
)
_SHOWING: Final = _TELLING | {Ground.AT_ONCE}
# A person's click shows that these opens, which may have been hers, were.
_PARDONED: Final = frozenset(
    {Ground.PRIVACY_PROXY, Ground.AT_ONCE, Ground.PREFETCH, Ground.BURST, Ground.SAME_SOURCE}
)


@dataclass(slots=True, eq=False)
class TrackedRequest:
    """A request for a picture (``link`` 0) or a link of one copy; times in seconds since 1970."""

    copy: int
    link: int
    at: float
    accepted_at: float | None  # when the relay took the copy; None when that is not known
    source: str = ""
    grounds: frozenset[Ground] = frozenset()
    by_person: bool = True

    @property
    def is_soon(self) -> bool:
        return self.accepted_at is not None and self.at - self.accepted_at < SOON


def classify(requests: Iterable[TrackedRequest]) -> None:
    """Set ``grounds`` and ``by_person`` of each from all of them; what was set before is undone.

    Only the grounds of the request itself are kept, since nothing else shows them.
    """
    copies: dict[int, list[TrackedRequest]] = defaultdict(list)
    sources: dict[str, list[TrackedRequest]] = defaultdict(list)
    for each in sorted(requests, key=lambda request: request.at):
        each.grounds &= OF_THE_REQUEST
        copies[each.copy].append(each)
        if each.source:
            sources[each.source].append(each)
    for copy in copies.values():
        _look_at_times(copy)
        _look_at_speed(copy)
    for source in sources.values():
        _look_across_copies(source)
    for source in sources.values():
        _look_at_company(source)
    for copy in copies.values():
        _decide(copy)


def _add(request: TrackedRequest, ground: Ground) -> None:
    request.grounds |= {ground}


def _look_at_times(copy: Sequence[TrackedRequest]) -> None:
    was_opened = False
    for each in copy:
        if each.link == UNSEEN_LINK:
            _add(each, Ground.UNSEEN_LINK)
        soonest = OPENED_AT_ONCE
        if each.link:
            soonest = CLICKED_AT_ONCE if was_opened else CLICKED_UNOPENED
        if each.accepted_at is not None and each.at - each.accepted_at < soonest:
            _add(each, Ground.AT_ONCE)
        was_opened = was_opened or not each.link


def _look_at_speed(copy: Sequence[TrackedRequest]) -> None:
    clicks = [each for each in copy if each.link]
    for number, seconds in BURSTS:
        for burst in _crowds(clicks, number, seconds, lambda each: each.link):
            _mark_burst(copy, burst)
    for burst in _crowds(copy, FLOOD[0], FLOOD[1], id):
        _mark_burst(copy, burst)


def _mark_burst(copy: Sequence[TrackedRequest], burst: Sequence[TrackedRequest]) -> None:
    begin, end = burst[0].at - AROUND_A_BURST, burst[-1].at + AROUND_A_BURST
    sources = {each.source for each in burst} - {""}
    for each in burst:
        _add(each, Ground.BURST)
    for each in copy:
        # Whoever fetches links from many places fetches the picture from another one again.
        if begin <= each.at <= end and (each.source in sources or not each.link):
            _add(each, Ground.BURST)


def _look_across_copies(source: Sequence[TrackedRequest]) -> None:
    links = [each for each in source if each.link]
    pictures = [each for each in source if not each.link]
    for requests, (number, seconds) in ((links, SWEEP_OF_LINKS), (pictures, SWEEP_OF_PICTURES)):
        for crowd in _crowds(requests, number, seconds, lambda each: each.copy):
            for each in crowd:
                _add(each, Ground.MANY_COPIES)


def _look_at_company(source: Sequence[TrackedRequest]) -> None:
    soon = [each for each in source if each.is_soon]
    taken_up = {each.copy for each in soon}
    showing = {each.copy for each in soon if each.grounds & _SHOWING}
    is_known = len(showing) >= KNOWN_BY and len(showing) >= KNOWN_PART * len(taken_up)
    telling: dict[int, list[float]] = defaultdict(list)
    for each in source:
        if each.grounds & _TELLING:
            telling[each.copy].append(each.at)
    for each in source:
        beside = any(abs(each.at - at) < SOON for at in telling[each.copy])
        if ((is_known and each.is_soon) or beside) and not each.grounds & _TELLING:
            _add(each, Ground.SAME_SOURCE)


def _decide(copy: Sequence[TrackedRequest]) -> None:
    for each in copy:
        each.by_person = not each.grounds
    clicks = [each for each in copy if each.link and each.by_person]
    if not clicks or any(each.by_person and not each.link for each in copy):
        return
    # Whoever clicked has had the mail open: the last open before it was no machine's alone.
    for each in reversed(copy):
        if not each.link and each.at <= clicks[-1].at and each.grounds <= _PARDONED:
            each.by_person = True
            return


def _crowds(
    requests: Sequence[TrackedRequest],
    number: int,
    seconds: float,
    what: Callable[[TrackedRequest], int],
) -> Iterator[Sequence[TrackedRequest]]:
    """The stretches in which ``number`` that differ in ``what`` come within ``seconds``.

    ``requests`` stand in order of time; stretches that overlap are one.
    """
    counted: Counter[int] = Counter()
    begin = first = last = 0  # of the stretch so far: requests[first:last]
    for end, request in enumerate(requests, 1):
        counted[what(request)] += 1
        while request.at - requests[begin].at > seconds:
            gone = what(requests[begin])
            counted[gone] -= 1
            if not counted[gone]:
                del counted[gone]
            begin += 1
        if len(counted) >= number:
            if begin > last:
                if last:
                    yield requests[first:last]
                first = begin
            elif not last:
                first = begin
            last = end
    if last:
        yield requests[first:last]
