"""The protocol registers and what stands in them (DPR 445/2000 art. 53-57, 63; AgID guidelines 3.1)."""

from __future__ import annotations

from crinale.spine.protocol.models.address_book import (
    Correspondent,
    CorrespondentGroup,
    CorrespondentVersion,
    GroupMember,
)
from crinale.spine.protocol.models.archive import ArchivedRow, ArchiveImport
from crinale.spine.protocol.models.changes import AnnulmentAct, Correction, Link, LinkKind
from crinale.spine.protocol.models.daily import DailyDeposit, DailyManifest, DailyRegister, DepositState
from crinale.spine.protocol.models.emergency import (
    EmergencyAct,
    EmergencyEntry,
    EmergencyPeriod,
    EmergencyTotal,
)
from crinale.spine.protocol.models.exports import ExportPart, ExportState, RegisterExport
from crinale.spine.protocol.models.history import (
    OPEN_STATES,
    Assignment,
    AssignmentState,
    AssignmentStep,
    ClassificationChange,
    DossierItem,
    Purpose,
)
from crinale.spine.protocol.models.registers import Counter, Register
from crinale.spine.protocol.models.registration import (
    Direction,
    Enclosure,
    Party,
    PartyRole,
    Registration,
    Segnatura,
    SegnaturaOrigin,
    State,
    WaitingSeal,
)

__all__ = [
    "OPEN_STATES",
    "AnnulmentAct",
    "ArchiveImport",
    "ArchivedRow",
    "Assignment",
    "AssignmentState",
    "AssignmentStep",
    "ClassificationChange",
    "Correction",
    "Correspondent",
    "CorrespondentGroup",
    "CorrespondentVersion",
    "Counter",
    "DailyDeposit",
    "DailyManifest",
    "DailyRegister",
    "DepositState",
    "Direction",
    "DossierItem",
    "EmergencyAct",
    "EmergencyEntry",
    "EmergencyPeriod",
    "EmergencyTotal",
    "Enclosure",
    "ExportPart",
    "ExportState",
    "GroupMember",
    "Link",
    "LinkKind",
    "Party",
    "PartyRole",
    "Purpose",
    "Register",
    "RegisterExport",
    "Registration",
    "Segnatura",
    "SegnaturaOrigin",
    "State",
    "WaitingSeal",
]
