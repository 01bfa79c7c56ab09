"""What every request of the pages goes through: protections, language, who is asking, for which body.

The one line of the web that opens the scope of a body is in :class:`StaffMiddleware`.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from crinale.config import discovery
from crinale.kernel import clock
from crinale.kernel.errors import Conflict, NotVisible
from crinale.spine.identity import permissions
from crinale.spine.identity import queries as people
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy import scope
from crinale.ui import errors, session
from crinale.ui.shell import MenuLink, Shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

    from crinale.kernel.manifest import Manifest
    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef
    from crinale.ui.session import StaffSession

    GetResponse = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HSTS = "max-age=31536000; includeSubDomains"


class SecurityHeadersMiddleware:
    """Say to the browser what a page may do: nothing inline, nothing from elsewhere, never in a frame."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to the answer."""
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.is_secure() and not _is_loopback(request.get_host()):
            headers.setdefault("Strict-Transport-Security", _HSTS)
        return response


class LanguageMiddleware:
    """Italian, unless the person chose otherwise with the switch on the page."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language."""
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response


class ErrorPagesMiddleware:
    """Turn the errors of the spine into pages; forbidden and absent look the same."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an exception that a view let through."""
        if isinstance(error, NotVisible):
            return errors.page(request, 404)
        if isinstance(error, Conflict):
            return errors.page(request, 409, translation.gettext(str(error)))
        return None


class StaffMiddleware:
    """Find out who asks and for which area, and open the scope of that area's body around the view."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer and what the services declare."""
        self.get_response = get_response
        self.manifests = discovery.manifests()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Prepare ``request.actor``, ``request.area`` and ``request.shell``."""
        current = session.read(request.session)
        if current is not None and current.expired:
            request.session_ended = _why(current)  # type: ignore[attr-defined]
            session.end(request.session)
            current = None
        actor = _actor(current)
        if current is not None and actor is None:
            request.session_ended = "closed"  # type: ignore[attr-defined]
            session.end(request.session)
            current = None
        area, works_elsewhere = _area(current, actor)
        request.actor, request.area = actor, area  # type: ignore[attr-defined]
        request.staff_session = current  # type: ignore[attr-defined]
        request.shell = self._shell(  # type: ignore[attr-defined]
            request, actor, area, ends=current.ends if current else None, works_elsewhere=works_elsewhere
        )
        if current is not None:
            session.touch(request.session, current)
        if area is None:
            return _no_store(request, self.get_response(request))
        with scope(area.body_id):
            return _no_store(request, self.get_response(request))

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Fail closed: a view is for the staff with an area chosen unless it says otherwise."""
        if getattr(view, "public", False):
            return None
        if getattr(request, "actor", None) is None:
            return _to(request, "staff_access:sign_in", why=getattr(request, "session_ended", ""))
        if getattr(request, "area", None) is None and not getattr(view, "without_area", False):
            return _to(request, "staff_access:choose")
        if _owes_second_factor(request) and not getattr(view, "without_second_factor", False):
            return _to(request, "staff_access:security", why="required")
        return None

    def _shell(
        self,
        request: HttpRequest,
        actor: Actor | None,
        area: AreaRef | None,
        *,
        ends: datetime | None,
        works_elsewhere: bool,
    ) -> Shell:
        language = reverse("staff_access:language")
        if actor is None or ends is None:
            return Shell(language_url=language)
        search = _search_url(self.manifests, actor, area) if area else ""
        return Shell(
            body_name=area.body_name if area else "",
            area_name=area.name if area else "",
            person_name=actor.name,
            menu=_menu(request, self.manifests, actor, area) if area else (),
            search_url=search,
            search_text=request.GET.get("q", "")[:200] if search and request.path == search else "",
            account_url=reverse("staff_access:security"),
            sign_out_url=reverse("staff_access:sign_out"),
            choose_url=reverse("staff_access:choose") if works_elsewhere else "",
            language_url=language,
            keep_alive_url=reverse("staff_access:keep_alive"),
            sign_in_url=_address("staff_access:sign_in", why="idle", next=request.get_full_path()),
            idle_seconds=int(session.SURE_IDLE.total_seconds()),
            ends_seconds=max(0, int((ends - clock.now()).total_seconds())),
            ends_at=ends,
        )


def _actor(current: StaffSession | None) -> Actor | None:
    """Return who is signed in; nobody once the account is closed, without a role or with another password."""
    if current is None:
        return None
    try:
        return people.actor_for_person(
            current.person_id,
            signed_in_at=current.began,
            series=current.series,
            only_body=current.only_body,
        )
    except NotVisible:
        return None


def _area(current: StaffSession | None, actor: Actor | None) -> tuple[AreaRef | None, bool]:
    """Return the chosen area, and whether there are others to choose, from one question.

    The area must be one in which the actor still holds a grant: grants end before sessions.
    """
    if current is None or actor is None:
        return None, False
    bodies = {grant.body_id for grant in actor.grants}
    places = {(grant.body_id, grant.area_id) for grant in actor.grants}
    if len(bodies) == 1:
        known = tenancy.areas(body_id=next(iter(bodies)))
    else:
        chosen = tenancy.area(current.area_id) if current.area_id else None
        known = [chosen] if chosen else []
    held = [area for area in known if {(area.body_id, None), (area.body_id, area.id)} & places]
    area = next((one for one in held if one.id == current.area_id), None)
    return area, len(bodies) > 1 or len(held) > 1


def _owes_second_factor(request: HttpRequest) -> bool:
    """Say whether the body asks for a second factor and this session showed none."""
    area: AreaRef | None = getattr(request, "area", None)
    current: StaffSession | None = getattr(request, "staff_session", None)
    if area is None or current is None or area.second_factor_from is None:
        return False
    return area.second_factor_from <= clock.today() and not current.second


def _menu(
    request: HttpRequest, manifests: tuple[Manifest, ...], actor: Actor, area: AreaRef
) -> tuple[MenuLink, ...]:
    entries = sorted((entry for one in manifests for entry in one.menu), key=lambda entry: entry.position)
    return tuple(
        MenuLink(
            label=translation.gettext(entry.label),
            url=(url := reverse(entry.url_name)),
            current=request.path == url,
        )
        for entry in entries
        if _may(actor, entry.permission, area)
    )


def _search_url(manifests: tuple[Manifest, ...], actor: Actor, area: AreaRef) -> str:
    return next(
        (
            reverse(one.search_url_name)
            for one in manifests
            if one.search_url_name and _may(actor, one.search_permission, area)
        ),
        "",
    )


def _may(actor: Actor, permission: str, area: AreaRef) -> bool:
    return not permission or permissions.allows(actor, permission, area_id=area.id, body_id=area.body_id)


def _why(current: StaffSession) -> str:
    return "long" if current.outlived else "idle"


def _to(request: HttpRequest, url_name: str, *, why: str = "") -> HttpResponse:
    """Send to a page and back afterwards; a fragment asked by htmx makes the whole page go there."""
    if request.headers.get("HX-Request") == "true":
        address = _address(url_name, next=_page_before(request), why=why)
        return HttpResponse(status=403, headers={"HX-Redirect": address})
    if request.method in ("GET", "HEAD"):
        following = request.get_full_path()
    else:
        following = _page_before(request) or request.path
    return HttpResponseRedirect(_address(url_name, next=following, why=why))


def _page_before(request: HttpRequest) -> str:
    """Return the page of this site from which a form was sent or a fragment asked; "" when nobody says.

    Who goes there afterwards checks that it is within this site, as with any other ``next``.
    """
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    try:
        page = urlsplit(told)
    except ValueError:
        return ""
    if page.netloc != request.get_host() or not page.path.startswith("/"):
        return ""
    return page.path + (f"?{page.query}" if page.query else "")


def _address(url_name: str, **query: str) -> str:
    given = {name: value for name, value in query.items() if value}
    return reverse(url_name) + (f"?{urlencode(given)}" if given else "")


def _no_store(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep pages of the register out of shared machines' caches."""
    if getattr(request, "actor", None) is not None:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _is_loopback(host: str) -> bool:
    name = host.rsplit(":", 1)[0].strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
