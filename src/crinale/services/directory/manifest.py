"""The manifest of the directory."""

from __future__ import annotations

from crinale.kernel.manifest import Manifest

MANIFEST = Manifest(
    name="directory",
    title="Directory of registry areas",
    legal_basis=(
        "D.Lgs. 82/2005 art. 6-ter",
        "AgID guidelines on electronic documents, Allegato 6, section 3",
    ),
    machine_urls="crinale.services.directory.http.urls",
    retention="Published editions of the index are kept: they tell where a message could be sent on a day.",
)
