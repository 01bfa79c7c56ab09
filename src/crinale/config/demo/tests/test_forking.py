"""Children of the demonstration are forks, unless the process could not be forked safely."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from crinale.config.demo.forking import ForkingSupervisor
from crinale.config.supervisor import Child
from crinale.config.tests.conftest import wait_until


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def test_a_process_with_threads_starts_its_children_afresh(tmp_path: Path) -> None:
    supervisor = ForkingSupervisor(run=tmp_path, log=tmp_path)
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        command = (sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1")
        pid = supervisor.start(Child("child", command, {}))
        wait_until(lambda: "http.server" in command_of(pid))
    finally:
        over.set()
        thread.join()
        supervisor.stop_all()
