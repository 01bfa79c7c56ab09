"""The questions that the protocol answers; the only guarded way to reach a registration by an outside id."""

from __future__ import annotations

from crinale.spine.protocol.emergency_pdf import emergency_authorisation, emergency_form
from crinale.spine.protocol.label_pdf import ON_SHEET, qr_svg, receipt_pdf, roll_pdf, sheet_pdf
from crinale.spine.protocol.queries.auditing import (
    AuditedRegistration,
    audited_numbers,
    audited_registration,
)
from crinale.spine.protocol.queries.chain import chain
from crinale.spine.protocol.queries.copies import CopyView, copies, copy, open_copy
from crinale.spine.protocol.queries.days import day_standings, numbers_seen, undelivered_days
from crinale.spine.protocol.queries.filing import (
    IndexLine,
    MovedAway,
    filed_counts,
    index_lines,
    moved_away,
)
from crinale.spine.protocol.queries.handling import (
    AssignedCount,
    AssignedCounts,
    AssignedRow,
    AssigneeChoice,
    StepView,
    assigned,
    assigned_counts,
    assignee_choices,
    possible_steps,
    steps_of,
)
from crinale.spine.protocol.queries.labels import label, labels, receipt
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
    emergency_entries,
    next_emergency_number,
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
from crinale.spine.protocol.queries.segnature import read_segnatura
from crinale.spine.protocol.queries.statistics import Figures, Group, statistics
from crinale.spine.protocol.queries.visibility import own_confidential
from crinale.spine.protocol.register_files import harmless
from crinale.spine.protocol.register_views import DayStanding, DepositView, EmergencyEntryView
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.parties import MOST_RECIPIENTS, MOST_SENDERS, PartyData, check_party
from crinale.spine.protocol.rules.subject import ADVISED_LENGTH, MAXIMUM_LENGTH
from crinale.spine.protocol.views import (
    ChainEdge,
    ChainView,
    CorrectionView,
    DailyRegisterView,
    EmergencyDay,
    EmergencyView,
    EnclosureData,
    LabelView,
    LinkData,
    LinkView,
    ReceiptView,
    ReceivedReference,
    ReceivedSegnatura,
    RegistrationRow,
    RegistrationView,
)

__all__ = [
    "ADVISED_LENGTH",
    "MAXIMUM_LENGTH",
    "MOST_RECIPIENTS",
    "MOST_SENDERS",
    "ON_SHEET",
    "AssignedCount",
    "AssignedCounts",
    "AssignedRow",
    "AssigneeChoice",
    "AuditedRegistration",
    "ChainEdge",
    "ChainView",
    "CopyView",
    "CorrectionView",
    "DailyRegisterView",
    "DayStanding",
    "DepositView",
    "EmergencyDay",
    "EmergencyEntryView",
    "EmergencyView",
    "EnclosureData",
    "Figures",
    "Group",
    "Identifier",
    "IndexLine",
    "LabelView",
    "LinkData",
    "LinkView",
    "MovedAway",
    "PartyData",
    "ReceiptView",
    "ReceivedReference",
    "ReceivedSegnatura",
    "RegistrationCount",
    "RegistrationFilter",
    "RegistrationRow",
    "RegistrationView",
    "StepView",
    "assigned",
    "assigned_counts",
    "assignee_choices",
    "audited_numbers",
    "audited_registration",
    "chain",
    "check_party",
    "copies",
    "copy",
    "daily_register",
    "daily_registers",
    "day_standings",
    "document_metadata",
    "emergencies",
    "emergency_authorisation",
    "emergency_entries",
    "emergency_form",
    "filed_counts",
    "harmless",
    "index_lines",
    "label",
    "labels",
    "moved_away",
    "next_emergency_number",
    "numbers_seen",
    "open_copy",
    "overdue_days",
    "own_confidential",
    "possible_steps",
    "qr_svg",
    "read_segnatura",
    "receipt",
    "receipt_pdf",
    "register_of_area",
    "registration",
    "registration_by_identifier",
    "registration_count",
    "registration_views",
    "registrations",
    "roll_pdf",
    "segnatura_xml",
    "segnature_xml",
    "sheet_pdf",
    "statistics",
    "steps_of",
    "those_of_direction",
    "undelivered_days",
]
