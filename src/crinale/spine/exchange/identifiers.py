"""The written forms of an identifier: JSON for rows, one line of text for unique keys."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from crinale.spine.protocol.rules.identifier import Identifier


def key_of(identifier: Identifier) -> str:
    """Return the identifier as one line.

    Codes in lower case (the IPA ignores case), without the optional time.
    """
    return str(identifier).lower()


def as_json(identifier: Identifier) -> dict[str, Any]:
    """Return the identifier as a JSON object; ``written`` only where there is one."""
    written = {"written": identifier.written} if identifier.written else {}
    return {
        "ipa_code": identifier.ipa_code,
        "aoo_code": identifier.aoo_code,
        "register_code": identifier.register_code,
        "number": identifier.number,
        "date": identifier.date.isoformat(),
        "time": identifier.time.isoformat() if identifier.time else None,
        **written,
    }


def from_json(value: dict[str, Any]) -> Identifier:
    """Read what :func:`as_json` wrote."""
    return Identifier(
        ipa_code=value["ipa_code"],
        aoo_code=value["aoo_code"],
        register_code=value["register_code"],
        number=value["number"],
        date=date.fromisoformat(value["date"]),
        time=time.fromisoformat(value["time"]) if value["time"] else None,
        written=value.get("written", ""),
    )
