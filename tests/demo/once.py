"""One `crinale demo --once --out`, whose files many tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.network import crinale

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

DOCUMENTS = {
    "delibera.txt": b"Il Consiglio comunale delibera.\n" * 40,
    "allegato.csv": "voce;importo\nàèì;1\n".encode(),
}


@dataclass(frozen=True)
class Once:
    """What the command said and left."""

    result: subprocess.CompletedProcess[str]
    out: Path
    documents: dict[str, bytes]
    left_behind: tuple[str, ...]


def run_once(home: Path) -> Once:
    given = home / "given"
    given.mkdir()
    for name, content in DOCUMENTS.items():
        (given / name).write_bytes(content)
    out = home / "out"
    result = crinale(home, "demo", "--once", "--out", str(out), *(str(given / name) for name in DOCUMENTS))
    left = [*home.glob("demo/*/run/*.pid"), *home.glob("demo/*/postgres/postmaster.pid")]
    return Once(result, out, DOCUMENTS, tuple(str(path) for path in left))
