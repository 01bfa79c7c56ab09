"""The manifest of the console."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from crinale.kernel.manifest import Manifest, MenuEntry
from crinale.services.console.queries.health import node_works

MANIFEST = Manifest(
    name="console",
    title=gettext_noop("Administration"),
    legal_basis=(
        "DPR 445/2000 art. 61",
        "D.Lgs. 165/2001 art. 2 and 5",
        "Regulation (EU) 2016/679 art. 32",
        "AgID circular 2/2017, minimum measures ABSC 5",
    ),
    urls="crinale.services.console.web.urls",
    prefix="console/",
    menu=(
        MenuEntry(
            label=gettext_noop("Administration"),
            url_name="console:home",
            permission="audit.view",
            position=90,
        ),
    ),
    retention="It keeps no rows of its own.",
    health={"node": node_works},
)
