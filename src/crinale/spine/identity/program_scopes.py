"""What a program may be allowed in an area: the scopes of OAuth 2.0, each a role that people cannot get.

So every permission of the spine holds for programs as it does for people.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from crinale.spine.identity.permissions import register_permission, register_role

SUBSCRIBE: Final = "events.subscribe"
SCOPES: Final = {
    "protocol.read": (
        _("Read registrations, dossiers and the filing plan"),
        ("protocol.view", "protocol.search"),
    ),
    "protocol.read_confidential": (
        _("Read confidential registrations too"),
        ("protocol.view", "protocol.view_confidential"),
    ),
    "protocol.register": (_("Register documents"), ("protocol.register", "protocol.register_incoming")),
    "protocol.send": (_("Send registered documents to other bodies"), ("protocol.send",)),
    "protocol.classify": (_("Classify registrations and keep dossiers"), ("protocol.classify",)),
    "protocol.assign": (_("Assign registrations to offices"), ("protocol.assign",)),
    "protocol.annul": (_("Annul registrations"), ("protocol.annul",)),
    "documents.read": (_("Fetch documents"), ("records.read",)),
    "documents.store": (_("Deliver documents to be registered"), ("records.store",)),
    "exchange.read": (_("See the state of exchanges"), ("exchange.view",)),
    SUBSCRIBE: (_("Be told of events"), (SUBSCRIBE,)),
}


def role_of(scope: str) -> str:
    """Return the code of the role that a scope gives."""
    return f"program_{scope}"


def register() -> None:
    """Declare permissions and roles; called when Django is ready, after those of the spine."""
    register_permission(SUBSCRIBE, _("Be told of events"), per_area=True)
    for scope, (title, permissions) in SCOPES.items():
        register_role(role_of(scope), title, permissions, assignable=False)
