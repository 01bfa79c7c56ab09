"""The addresses of the pages, for people: what the services declare, the first page, the health."""

from __future__ import annotations

from django.urls import include, path

from crinale.config import discovery, status

urlpatterns = [
    path("", status.first_page, name="first_page"),
    path("status", status.status, name="status"),
    *(path(one.prefix, include(one.urls)) for one in discovery.manifests() if one.urls),
]

handler400 = "crinale.ui.errors.bad_request"
handler403 = "crinale.ui.errors.forbidden"
handler404 = "crinale.ui.errors.not_found"
handler500 = "crinale.ui.errors.server_error"
