"""The measure of the pages itself: it runs, asks every page, and says how many rows were behind them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from crinale.config.node import REPOSITORY

PAGES = {"queue_mails", "queue_to_register", "register", "registration", "mail", "counter", "search_words"}


def test_a_short_measure_asks_every_page() -> None:
    """Its rows are written past the actions, so a page may want what they do not have."""
    done = subprocess.run(
        [sys.executable, "-m", "crinale.config.cli", "bench", "pages", "--seconds", "5", "--json"],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert {f"{page}_p95_ms" for page in PAGES} <= found.keys()
    assert found["rows"] > 0
    assert found["waiting"] > 0
    assert found["page_p95_ms"] == found[f"{found['slowest']}_p95_ms"]
