"""The emergency register on paper: numbered forms, and the authorisation (DPR 445/2000 art. 63).

They are printed before they are needed: when the system is away it prints nothing.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import typst

from crinale.kernel import clock
from crinale.kernel.numbers import format_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crinale.spine.protocol.views import EmergencyView

MOST_LINES = 500


def emergency_form(
    *, header: Mapping[str, str], first_number: int, lines: int, period: EmergencyView | None = None
) -> bytes:
    """Return the numbered lines to fill by hand; the interruption is written in when it is known."""
    numbers = range(first_number, first_number + max(1, min(lines, MOST_LINES)))
    return _compiled(
        "emergency_form.typ",
        {**header, **_period(period), "numbers": [format_number(number) for number in numbers]},
    )


def emergency_authorisation(*, header: Mapping[str, str], period: EmergencyView | None = None) -> bytes:
    """Return the sheet with which the use of the emergency register is authorised and extended."""
    return _compiled("emergency_authorisation.typ", {**header, **_period(period)})


def _period(period: EmergencyView | None) -> dict[str, str]:
    if period is None:
        return {"cause": "", "authorisation": "", "started_at": "", "allowed_until": ""}
    return {
        "cause": period.cause,
        "authorisation": period.authorisation,
        "started_at": _written(period.started_at),
        "allowed_until": _written(period.allowed_until),
    }


def _written(instant: datetime) -> str:
    return f"{instant.astimezone(clock.ROME):%d/%m/%Y, %H:%M}"


def _compiled(template: str, data: Mapping[str, Any]) -> bytes:
    today = clock.today()
    return typst.compile(
        (resources.files("crinale.spine.protocol") / "data" / template).read_bytes(),
        format="pdf",
        pdf_standards="a-2b",
        sys_inputs={
            "data": json.dumps({**data, "date": [today.year, today.month, today.day]}, ensure_ascii=False)
        },
        ignore_system_fonts=True,
    )
