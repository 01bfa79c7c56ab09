"""What the tests of a node's processes share: scratch homes, and processes that are started to be killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.config.embedded_postgres import scratch_home
from crinale.config.node import NodeHome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def home() -> Iterator[NodeHome]:
    """A node home in a directory of its own, with a short path that other users may enter."""
    root = scratch_home("crinale-node-")
    yield NodeHome(root)
    shutil.rmtree(root)


@pytest.fixture
def run_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a Python process with this package; what is left at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(
        script: str, *arguments: str, prefix: tuple[str, ...] = (), python: str = sys.executable
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*prefix, python, "-c", script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            },
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        with process:  # closes its pipes
            process.wait()


def wait_until(true: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"
