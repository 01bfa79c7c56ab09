"""What surrounds a page: who works here, for which body, where one can go.

The middleware of ``config`` fills a :class:`Shell` for each request; the layouts only draw it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest


@dataclass(frozen=True)
class MenuLink:
    """One entry of the main menu, already translated."""

    label: str
    url: str
    icon: str = ""
    current: bool = False


@dataclass(frozen=True)
class Shell:
    """The frame of a page. Empty strings mean that the part is not drawn."""

    body_name: str = ""
    area_name: str = ""
    person_name: str = ""
    home_url: str = "/"
    menu: tuple[MenuLink, ...] = ()
    search_url: str = ""
    search_text: str = ""
    account_url: str = ""
    sign_out_url: str = ""
    choose_url: str = ""
    language_url: str = ""
    keep_alive_url: str = ""
    sign_in_url: str = ""
    idle_seconds: int = 0
    ends_seconds: int = 0
    ends_at: datetime | None = None


PUBLIC = Shell()


def context(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: the shell of this request, or the bare public one."""
    return {"shell": getattr(request, "shell", PUBLIC)}
