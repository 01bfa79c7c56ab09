"""Measuring: several processes that repeat one step until a deadline, and the figures that come of it."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier

Step = Callable[[], object]

_READY_SECONDS = 60.0
_fork = multiprocessing.get_context("fork")


class MeasureFailed(CrinaleError):
    """A measuring process failed; its error is printed above."""


@dataclass(frozen=True)
class Measurement:
    """How many steps were made in how many seconds, and how long each took, in milliseconds, sorted."""

    seconds: float
    milliseconds: tuple[float, ...]

    @property
    def count(self) -> int:
        """Completed steps."""
        return len(self.milliseconds)

    @property
    def per_second(self) -> float:
        """Completed steps per second, all processes together."""
        return round(self.count / self.seconds, 1) if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        """The time within which `percent` of the steps were done (nearest rank)."""
        return percentile(self.milliseconds, percent)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of sorted figures; zero when there are none."""
    if not ordered:
        return 0.0
    rank = max(1, math.ceil(percent / 100 * len(ordered)))
    return round(ordered[rank - 1], 3)


def repeat(step: Step, *, seconds: float) -> Measurement:
    """Repeat a step in this process."""
    times = []
    begin = last = time.perf_counter()
    while last - begin < seconds:
        step()
        now = time.perf_counter()
        times.append((now - last) * 1000)
        last = now
    return Measurement(last - begin, tuple(sorted(times)))


def repeat_in_processes(
    prepare: Callable[[int], Step], *, processes: int, seconds: float, warm_up: int = 3
) -> Measurement:
    """Repeat a step in several processes that start together.

    `prepare` runs in each process, with its index, and returns the step; some steps are made before the clock
    starts, so that connections and caches stand.
    """
    barrier = _fork.Barrier(processes + 1)
    pipes = []
    children = []
    for index in range(processes):
        receiver, sender = _fork.Pipe(duplex=False)
        child = _fork.Process(
            target=_measure_in_child, args=(prepare, index, seconds, warm_up, barrier, sender), daemon=True
        )
        child.start()
        sender.close()
        pipes.append(receiver)
        children.append(child)
    try:
        barrier.wait(_READY_SECONDS)
        results = [_receive(pipe) for pipe in pipes]
    except threading.BrokenBarrierError:
        raise MeasureFailed from None
    finally:
        for child in children:
            child.join(_READY_SECONDS)
            if child.is_alive():
                child.kill()
    times = sorted(value for measurement in results for value in measurement.milliseconds)
    return Measurement(max(measurement.seconds for measurement in results), tuple(times))


def _receive(pipe: Connection) -> Measurement:
    try:
        found = pipe.recv()
    except EOFError:
        raise MeasureFailed from None
    if not isinstance(found, Measurement):
        raise MeasureFailed
    return found


def _measure_in_child(
    prepare: Callable[[int], Step],
    index: int,
    seconds: float,
    warm_up: int,
    barrier: Barrier,
    sender: Connection,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        step = prepare(index)
        for _ in range(warm_up):
            step()
        barrier.wait(_READY_SECONDS)
        sender.send(repeat(step, seconds=seconds))
    except Exception:  # noqa: BLE001  the parent must hear of any failure, and cannot see the traceback
        traceback.print_exc(file=sys.stderr)
        barrier.abort()
    finally:
        sender.close()
        sys.stderr.flush()
        # Without the interpreter's end: inherited threads and connections belong to the parent.
        os._exit(0)
