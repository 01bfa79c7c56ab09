"""The manifest of staff access."""

from __future__ import annotations

from crinale.kernel.manifest import Manifest

MANIFEST = Manifest(
    name="staff_access",
    title="Staff access",
    legal_basis=("D.Lgs. 82/2005 art. 64", "AgID circular 2/2017, minimum measures ABSC 5"),
    urls="crinale.services.staff_access.web.urls",
    retention="It keeps no rows of its own; sessions end after eight hours.",
)
