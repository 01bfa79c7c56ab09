"""The questions that the protocol answers; the only guarded way to reach a registration by an outside id."""

from __future__ import annotations

from crinale.spine.protocol.queries.handling import (
    AssignedCount,
    AssignedCounts,
    AssignedRow,
    StepView,
    assigned,
    assigned_counts,
    possible_steps,
    steps_of,
)
from crinale.spine.protocol.queries.listing import (
    RegistrationCount,
    RegistrationFilter,
    registration_count,
    registrations,
    those_of_direction,
)
from crinale.spine.protocol.queries.registers import (
    daily_register,
    daily_registers,
    emergencies,
    overdue_days,
    register_of_area,
)
from crinale.spine.protocol.queries.registration import (
    document_metadata,
    registration,
    registration_by_identifier,
    registration_views,
    segnatura_xml,
    segnature_xml,
)
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.parties import PartyData, check_party
from crinale.spine.protocol.rules.subject import ADVISED_LENGTH, MAXIMUM_LENGTH
from crinale.spine.protocol.views import (
    DailyRegisterView,
    EmergencyView,
    EnclosureData,
    ReceivedReference,
    ReceivedSegnatura,
    RegistrationRow,
    RegistrationView,
)

__all__ = [
    "ADVISED_LENGTH",
    "MAXIMUM_LENGTH",
    "AssignedCount",
    "AssignedCounts",
    "AssignedRow",
    "DailyRegisterView",
    "EmergencyView",
    "EnclosureData",
    "Identifier",
    "PartyData",
    "ReceivedReference",
    "ReceivedSegnatura",
    "RegistrationCount",
    "RegistrationFilter",
    "RegistrationRow",
    "RegistrationView",
    "StepView",
    "assigned",
    "assigned_counts",
    "check_party",
    "daily_register",
    "daily_registers",
    "document_metadata",
    "emergencies",
    "overdue_days",
    "possible_steps",
    "register_of_area",
    "registration",
    "registration_by_identifier",
    "registration_count",
    "registration_views",
    "registrations",
    "segnatura_xml",
    "segnature_xml",
    "steps_of",
    "those_of_direction",
]
