"""Every operation of the interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crinale.services.program_interface.http import (
    documents,
    dossiers,
    handling,
    registering,
    registrations,
    subscriptions,
)

if TYPE_CHECKING:
    from crinale.services.program_interface.http.operations import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *registering.OPERATIONS,
    *registrations.OPERATIONS,
    *handling.OPERATIONS,
    *documents.OPERATIONS,
    *dossiers.OPERATIONS,
    *subscriptions.OPERATIONS,
)
