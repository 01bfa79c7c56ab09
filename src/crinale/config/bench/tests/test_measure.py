"""Measuring counts what was done, by all the processes, and hides no failure."""

from __future__ import annotations

import time

import pytest

from crinale.config.bench import measure


def test_percentiles_are_nearest_rank() -> None:
    figures = [float(value) for value in range(1, 101)]

    assert measure.percentile(figures, 50) == 50
    assert measure.percentile(figures, 98) == 98
    assert measure.percentile([7.0], 98) == 7
    assert measure.percentile([], 98) == 0


def test_processes_add_up() -> None:
    def prepare(_: int) -> measure.Step:
        return lambda: time.sleep(0.01)

    alone = measure.repeat_in_processes(prepare, processes=1, seconds=0.3)
    together = measure.repeat_in_processes(prepare, processes=4, seconds=0.3)

    assert 5 <= alone.count <= 31
    assert together.count > alone.count
    assert alone.percentile(50) >= 10


def test_a_failing_process_fails_the_measure(capfd: pytest.CaptureFixture[str]) -> None:
    def prepare(index: int) -> measure.Step:
        if index == 1:
            raise RuntimeError("the second one cannot")
        return lambda: None

    with pytest.raises(measure.MeasureFailed):
        measure.repeat_in_processes(prepare, processes=2, seconds=0.2)
    assert "the second one cannot" in capfd.readouterr().err
