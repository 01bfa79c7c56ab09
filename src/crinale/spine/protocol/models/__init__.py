"""The protocol registers and what stands in them (DPR 445/2000 art. 53-57, 63; AgID guidelines 3.1)."""

from __future__ import annotations

from crinale.spine.protocol.models.daily import DailyRegister
from crinale.spine.protocol.models.emergency import (
    EmergencyAct,
    EmergencyEntry,
    EmergencyPeriod,
    EmergencyTotal,
)
from crinale.spine.protocol.models.history import (
    Assignment,
    ClassificationChange,
    DossierItem,
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
    "Assignment",
    "ClassificationChange",
    "Counter",
    "DailyRegister",
    "Direction",
    "DossierItem",
    "EmergencyAct",
    "EmergencyEntry",
    "EmergencyPeriod",
    "EmergencyTotal",
    "Enclosure",
    "Party",
    "PartyRole",
    "Register",
    "Registration",
    "Segnatura",
    "SegnaturaOrigin",
    "State",
    "WaitingSeal",
]
