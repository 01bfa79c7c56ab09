"""Where a page of a list begins: given with the page before, opaque to the program."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.utils.translation import gettext as _

from crinale.services.program_interface.http.problems import Fault, Refused


def read_cursor(text: str) -> list[Any]:
    """Read a cursor; one that nobody gave is refused.

    :raises Refused: naming the parameter.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        if isinstance(found, list):
            return found
    except (binascii.Error, ValueError, RecursionError):
        pass
    raise no_cursor()


def no_cursor() -> Refused:
    """Return the refusal of a cursor that is none."""
    return Refused(
        400,
        errors=[
            Fault(
                parameter="cursor",
                detail=_("This is no cursor."),
                remedy=_("Take it from `next` of the page before."),
            )
        ],
    )


def write_cursor(place: list[Any]) -> str:
    """Write a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
