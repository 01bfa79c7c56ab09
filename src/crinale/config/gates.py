"""Gates: services that answer programs, past everything that is for people.

A program has no session, fills in no form and shows no cookie; and what goes wrong is told to it by its own
gate, never by a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

from crinale.config import discovery

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    GetResponse = Callable[[HttpRequest], HttpResponseBase]


class GatesMiddleware:
    """Hand what lies under the prefix of a gate to that gate."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer and the gates that services declare."""
        self.get_response = get_response
        self.gates: dict[str, GetResponse] = {
            f"/{one.prefix}": import_string(one.gate) for one in discovery.manifests() if one.gate
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or pass on to the pages."""
        for prefix, gate in self.gates.items():
            if request.path_info.startswith(prefix):
                return gate(request)
        return self.get_response(request)
