"""What a service says about itself; ``config`` finds it and composes URLs, menus and health checks from it.

Texts are the English source sentences; whoever shows them translates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A place of the main menu; shown to who holds ``permission``, to everybody when it is empty."""

    label: str
    url_name: str
    permission: str = ""
    position: int = 100


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A service: its name, the norms it serves, where its pages are and what it needs from the house.

    ``urls`` is the dotted path of its URLconf, mounted under ``prefix``; ``machine_urls`` that of what it
    answers other administrations on the machine listener; ``gate`` that of a function which answers,
    past what is for people, everything under ``prefix``; ``search_url_name`` names the page that the search
    box of the header leads to, drawn for who holds ``search_permission``; ``retention`` says how long its own
    rows are kept and why; ``health`` maps the name of a check to a function that raises when something is
    wrong.
    """

    name: str
    title: str
    legal_basis: tuple[str, ...]
    urls: str = ""
    machine_urls: str = ""
    prefix: str = ""
    gate: str = ""
    menu: tuple[MenuEntry, ...] = ()
    home_url_name: str = ""
    search_url_name: str = ""
    search_permission: str = ""
    retention: str = ""
    health: Mapping[str, Callable[[], None]] | None = None
