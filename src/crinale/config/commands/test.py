"""`crinale test`: everything that must hold before a change goes in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click

from crinale.config.node import REPOSITORY

_CHECKS = {
    "style": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "types": ("mypy",),
}
_WORKERS = 4


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Check style and types, then run all tests; with paths, run just those tests.

    ARGUMENTS go to pytest. The tests start a PostgreSQL of their own, or use CRINALE_TEST_DATABASE_URL.
    """
    os.chdir(REPOSITORY)
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    )
    # Tests that share the demonstration network stay together in one process.
    spread = ("--numprocesses", str(min(_WORKERS, os.cpu_count() or 1)), "--dist", "loadgroup")
    workers = () if arguments else spread
    failed = [] if arguments else [name for name, command in _CHECKS.items() if not _passes(name, command)]
    if failed:
        click.secho(f"Failed: {', '.join(failed)}. The tests:", fg="red")
    sys.stdout.flush()
    tests = subprocess.run([sys.executable, "-m", "pytest", *workers, *arguments], check=False)
    sys.exit(tests.returncode or bool(failed))


def _passes(name: str, command: tuple[str, ...]) -> bool:
    since = time.monotonic()
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    click.echo(f"{name}: {'failed' if ran.returncode else 'good'} ({time.monotonic() - since:.1f} s)")
    if ran.returncode:
        click.echo(ran.stdout)
    return ran.returncode == 0
