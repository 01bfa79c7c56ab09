"""The floors of the house hold: nobody imports upwards, sideways, or through the walls."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def lint(directory: Path, source: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=directory,
        env={"PYTHONPATH": str(source), "PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_floors_hold() -> None:
    linted = lint(REPOSITORY, REPOSITORY / "src")
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "0 broken" in linted.stdout


@pytest.mark.parametrize(
    ("culprit", "line", "contract"),
    [
        ("kernel/ids.py", "import crinale.spine.tenancy", "Floors"),
        ("spine/tenancy/scope.py", "import crinale.spine.protocol", "The spine is a ladder"),
        ("spine/records/__init__.py", "import crinale.spine.search", "The spine is a ladder"),
        (
            "services/protocol_office/__init__.py",
            "import crinale.services.staff_access",
            "Services are islands",
        ),
        ("services/protocol_office/__init__.py", "import crinale.spine.protocol.models", "Doors, not tables"),
        ("services/protocol_office/__init__.py", "import crinale.connectors.aoo_soap", "Only config binds"),
        ("kernel/ids.py", "import django", "The kernel is pure"),
    ],
)
def test_a_wall_broken_on_purpose_is_noticed(tmp_path: Path, culprit: str, line: str, contract: str) -> None:
    source = tmp_path / "src"
    shutil.copytree(
        REPOSITORY / "src", source, ignore=shutil.ignore_patterns("__pycache__", "static", "locale")
    )
    with (source / "crinale" / culprit).open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    linted = lint(REPOSITORY, source)
    assert linted.returncode == 1
    broken = [row for row in linted.stdout.splitlines() if " BROKEN" in row]
    assert any(row.startswith(contract) for row in broken), linted.stdout
