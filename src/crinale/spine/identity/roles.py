"""The permissions of the spine and the roles of a protocol office.

The duties follow the AgID guidelines on electronic documents (chapter 3.4): the head of records management
answers for the register, so annulments, the emergency register and unresolved exchanges are his; clerks
register and send.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crinale.spine.identity.permissions import PEER_ROLE, register_permission, register_role

PER_AREA = {
    "protocol.view": _("See registrations"),
    "protocol.search": _("Search registrations"),
    "protocol.register": _("Register outgoing and internal documents"),
    "protocol.register_incoming": _("Register incoming documents"),
    "protocol.send": _("Send registered documents to other bodies"),
    "protocol.assign": _("Assign documents to offices"),
    "protocol.classify": _("Classify documents and keep dossiers"),
    "protocol.annul": _("Annul registrations"),
    "protocol.emergency": _("Keep the emergency register"),
    "protocol.view_confidential": _("See confidential registrations"),
    "exchange.view": _("See the state of exchanges"),
    "exchange.handle_incident": _("Handle incidents of exchanges"),
}
PER_BODY = {
    "records.store": _("Store documents"),
    "records.read": _("Read documents"),
    "records.manage_plan": _("Change the filing plan"),
    "audit.view": _("See facts and accesses"),
    "admin.people": _("Manage people and their roles"),
    "admin.areas": _("Manage areas and offices"),
}
READER = ("protocol.view", "protocol.search", "records.read", "exchange.view")
CLERK = (
    *READER,
    "protocol.register",
    "protocol.register_incoming",
    "protocol.send",
    "protocol.assign",
    "protocol.classify",
    "records.store",
)
MANAGER = (
    *CLERK,
    "protocol.annul",
    "protocol.emergency",
    "protocol.view_confidential",
    "exchange.handle_incident",
    "records.manage_plan",
    "audit.view",
)


def register() -> None:
    """Declare them; called when Django is ready."""
    for code, title in PER_AREA.items():
        register_permission(code, title, per_area=True)
    for code, title in PER_BODY.items():
        register_permission(code, title)
    register_role("reader", _("Reader"), READER)
    register_role("protocol_clerk", _("Protocol clerk"), CLERK)
    register_role("records_manager", _("Head of records management"), MANAGER)
    register_role(
        "administrator", _("Administrator of the body"), ("admin.people", "admin.areas", "audit.view")
    )
    register_role(
        PEER_ROLE,
        _("Another registry area"),
        ("protocol.register_incoming", "records.store"),
        assignable=False,
    )
