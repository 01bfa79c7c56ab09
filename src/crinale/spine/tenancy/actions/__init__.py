"""Changes of bodies, unions, areas and offices; who may make them is decided above (identity, commands)."""

from __future__ import annotations

from crinale.spine.tenancy.actions.bodies import (
    CodeTaken,
    add_member,
    close_membership,
    create_area,
    create_body,
    set_sign_in_policy,
    update_area,
)
from crinale.spine.tenancy.actions.offices import (
    OfficeInUse,
    close_office,
    create_office,
    move_office,
    update_office,
)

__all__ = [
    "CodeTaken",
    "OfficeInUse",
    "add_member",
    "close_membership",
    "close_office",
    "create_area",
    "create_body",
    "create_office",
    "move_office",
    "set_sign_in_policy",
    "update_area",
    "update_office",
]
