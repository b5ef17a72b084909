"""Which words two texts share, in order, found with no more than a given number of steps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_STEPS: Final = 500_000
# Words that differ beyond this many make a new text, of which marks in between say nothing.
_MOST_DIFFERENCES: Final = 400
# A word goes with the space before it, so that a space is never all that two sentences share.
_WORD: Final = re.compile(r"\s*\S+|\s+")


@dataclass(slots=True)
class Patience:
    """How many steps are left for all the texts of one comparison."""

    steps: int = MOST_STEPS


@dataclass(frozen=True, slots=True)
class Shared:
    """``length`` words that are the same, from these places on."""

    old: int
    new: int
    length: int


def words_of(text: str) -> list[str]:
    return _WORD.findall(text)


def shared(old: Sequence[str], new: Sequence[str], patience: Patience) -> list[Shared]:
    """The words that stayed, as runs in order; where patience ends only those at both ends."""
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    middle = _greedy(old[start : len(old) - end], new[start : len(new) - end], patience)
    runs = [Shared(0, 0, start)]
    runs += [Shared(each.old + start, each.new + start, each.length) for each in middle]
    runs.append(Shared(len(old) - end, len(new) - end, end))
    return [each for each in runs if each.length]


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def _greedy(old: Sequence[str], new: Sequence[str], patience: Patience) -> list[Shared]:
    """E. W. Myers, An O(ND) Difference Algorithm (1986): the furthest that each number of
    differences reaches on each diagonal."""
    if not old or not new:
        return []
    reached = {1: 0}
    trail: list[dict[int, int]] = []
    for differences in range(min(len(old) + len(new), _MOST_DIFFERENCES) + 1):
        trail.append(reached.copy())
        for diagonal in range(-differences, differences + 1, 2):
            before = _before(reached, diagonal, differences)
            at = reached[before] + (before < diagonal)
            begun = at
            while at < len(old) and at - diagonal < len(new) and old[at] == new[at - diagonal]:
                at += 1
            reached[diagonal] = at
            patience.steps -= 1 + at - begun
            if at >= len(old) and at - diagonal >= len(new):
                return _walk_back(trail, len(old), len(new))
        if patience.steps < 0:
            break
    return []


def _before(reached: dict[int, int], diagonal: int, differences: int) -> int:
    """The diagonal from which this one is reached with one more difference."""
    if diagonal == -differences:
        return diagonal + 1
    if diagonal != differences and reached[diagonal - 1] < reached[diagonal + 1]:
        return diagonal + 1
    return diagonal - 1


def _walk_back(trail: list[dict[int, int]], old: int, new: int) -> list[Shared]:
    found: list[Shared] = []
    for differences in range(len(trail) - 1, -1, -1):
        reached, diagonal = trail[differences], old - new
        before = _before(reached, diagonal, differences)
        came = reached[before]
        begun = came + (before < diagonal) if differences else 0
        if old > begun:
            found.append(Shared(begun, begun - diagonal, old - begun))
        old, new = came, came - before
    return found[::-1]
