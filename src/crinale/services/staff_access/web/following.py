"""Where to go after a page, and at which origin the pages are."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from crinale.spine.identity.actions import Site

if TYPE_CHECKING:
    from django.http import HttpRequest


def safe_next(request: HttpRequest) -> str:
    """Return where to go afterwards, only within this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if allowed else ""


def address(name: str, *, following: str = "", **query: str) -> str:
    """Return the address of a page of this service that leads to another one afterwards."""
    given = {key: value for key, value in {**query, "next": following}.items() if value}
    return reverse(f"staff_access:{name}") + (f"?{urlencode(given)}" if given else "")


def origin(request: HttpRequest) -> str:
    """Return the public origin of the pages: the one in the settings that this request came by, or the first.

    Without one in the settings the pages are at the loopback address, where the request says it.
    """
    known: list[str] = settings.CSRF_TRUSTED_ORIGINS
    here = f"{request.scheme}://{request.get_host()}"
    if known:
        return here if here in known else known[0]
    return here


def passkey_site(request: HttpRequest) -> Site | None:
    """Return the site to which passkeys belong; nothing where browsers allow none, over plain HTTP."""
    site = Site(origin(request))
    local = site.host == "localhost" or site.host.endswith(".localhost")
    return site if local or urlsplit(site.origin).scheme == "https" else None
