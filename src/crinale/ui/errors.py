"""The pages shown when something goes wrong: what happened, what was kept, what to do.

What is forbidden answers exactly as what is absent, so that an identifier tells nothing about another body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class ErrorText:
    """The words of one error page."""

    title: str | _StrPromise
    what_happened: str | _StrPromise
    what_to_do: str | _StrPromise


_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)

TEXTS = {
    400: ErrorText(
        gettext_lazy("This request cannot be read"),
        gettext_lazy(
            "The page or the address that you used sent something that the system does not understand."
        ),
        gettext_lazy("Go back, reload the page and try again. Nothing was registered."),
    ),
    403: ErrorText(
        gettext_lazy("The page had expired"),
        gettext_lazy("For your safety a form can be sent only from a recent page of this site."),
        gettext_lazy("Go back, reload the page and send the form again. Nothing was registered."),
    ),
    404: ErrorText(
        gettext_lazy("This page does not exist, or is not yours to see"),
        gettext_lazy(
            "The address may be wrong, or the document may belong to an office for which you do not work."
        ),
        gettext_lazy(
            "Look for the document by number, name or subject, or ask the head of the protocol office."
        ),
    ),
    409: ErrorText(
        gettext_lazy("Somebody changed this in the meantime"),
        gettext_lazy("What you were working on is no longer in the state that your page showed."),
        gettext_lazy(
            "Reload the page, look at its present state and decide again. Nothing was registered twice."
        ),
    ),
    413: ErrorText(
        gettext_lazy("What you sent is too large"),
        gettext_lazy("A file, or all files together, exceed the size that this node accepts."),
        gettext_lazy("Go back, send fewer or smaller files, or compress them. Nothing was registered."),
    ),
    500: ErrorText(
        gettext_lazy("Something broke on our side"),
        gettext_lazy(
            "The system met an error that it did not expect. What you had already registered is safe."
        ),
        gettext_lazy(
            "Try again in a minute. If it happens again tell the technical office the time shown below."
        ),
    ),
}


def page(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """Draw the error page of an HTTP status; ``detail`` is a sentence that the user may see."""
    texts = TEXTS[status]
    context = {"status": status, "texts": texts, "detail": detail, "title": texts.title}
    response = render(request, "crinale/error.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Handle 400; what is too large to be read is told apart (413)."""
    return page(request, 413 if isinstance(exception, _TOO_MUCH) else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django calls it so
    """Handle 403: the same answer as absent."""
    return page(request, 404)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django calls it so
    """Handle 404."""
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Handle 500."""
    return page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django calls it so
    """Handle a form whose protection token is missing or old."""
    return page(request, 403, _("If it happens on every form, check that your browser accepts cookies."))
