"""CPU affinity: the threads of a worker stay on one core, which no other worker has."""

import os
import threading
from pathlib import Path

import pytest

from mailer.delivery.couriers.cpu_affinity import CpuAffinity

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
several = pytest.mark.skipif(len(CORES) < 2, reason="there is one core here")


def cores_within(core: CpuAffinity, *, spread: bool = False) -> tuple[set[int], set[int]]:
    """The cores that a thread may use while it is pinned, and afterwards."""
    seen: list[set[int]] = []

    def look() -> None:
        with core.pinned(spread=spread):
            seen.append(os.sched_getaffinity(0))
        seen.append(os.sched_getaffinity(0))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return seen[0], seen[1]


@several
def test_a_pinned_thread_has_one_core_and_then_all_again(tmp_path: Path) -> None:
    within, afterwards = cores_within(CpuAffinity(tmp_path))
    assert len(within) == 1
    assert afterwards == set(CORES)


@several
def test_two_workers_have_different_cores_and_a_third_has_none(tmp_path: Path) -> None:
    workers = [CpuAffinity(tmp_path) for _ in CORES]
    owned = [cores_within(core)[0] for core in workers]
    assert set.union(*owned) == set(CORES)
    assert cores_within(CpuAffinity(tmp_path))[0] == set(CORES)


@several
def test_signing_uses_all_cores(tmp_path: Path) -> None:
    assert cores_within(CpuAffinity(tmp_path), spread=True)[0] == set(CORES)
