"""The passwords of the demonstration's people: made at random once, written where only their owner reads."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from crinale.config.demo import network
from crinale.config.node import replace_file

if TYPE_CHECKING:
    from pathlib import Path

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def passwords(file: Path) -> dict[str, str]:
    """The password of each person, by user name; made the first time, kept as long as the network."""
    known: dict[str, str] = json.loads(file.read_text()) if file.is_file() else {}
    wanted = [*(body.clerk_username for body in network.bodies()), network.UNION_CLERK_USERNAME]
    words = {name: known.get(name) or _password() for name in wanted}
    if words != known:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(file, json.dumps(words, indent=2) + "\n")
    return words


def _password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
