"""A filing plan from a file of the administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.config.administration.areas import PLAN_NAME, FilingPlanText
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path


def read(file: Path, *, name: str = "") -> FilingPlanText:
    """Read a filing plan.

    :raises Invalid: when it is not UTF-8.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("file", f"save {file.name} as CSV in UTF-8") from error
    return FilingPlanText(name=name or PLAN_NAME, text=text)
