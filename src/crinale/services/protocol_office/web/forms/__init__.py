"""The forms of the protocol office: they parse and keep what was typed; the spine decides."""

from __future__ import annotations

from crinale.services.protocol_office.web.forms.amending import (
    CorrectForm,
    LabelForm,
    LinkForm,
    MailForm,
    UnlinkForm,
)
from crinale.services.protocol_office.web.forms.composing import (
    CORRESPONDENT,
    ArrivalForm,
    ComposedForm,
    CounterForm,
    HandRecipientForm,
    InternalForm,
    OutgoingForm,
)
from crinale.services.protocol_office.web.forms.emergency import (
    EmergencyCloseForm,
    EmergencyEntryForm,
    EmergencyExtendForm,
    EmergencyLinesForm,
    EmergencyOpenForm,
)
from crinale.services.protocol_office.web.forms.following import (
    CloseIncidentForm,
    FileForm,
    WorkaroundForm,
)
from crinale.services.protocol_office.web.forms.handling import (
    AnnulForm,
    AssignForm,
    ConcludeForm,
    ForwardForm,
    ReclassifyForm,
    RefuseAssignmentForm,
    RefuseForm,
    RegisterWaitingForm,
    WithdrawForm,
)
from crinale.services.protocol_office.web.forms.registers import CopyForm, FiguresForm

__all__ = [
    "CORRESPONDENT",
    "AnnulForm",
    "ArrivalForm",
    "AssignForm",
    "CloseIncidentForm",
    "ComposedForm",
    "ConcludeForm",
    "CopyForm",
    "CorrectForm",
    "CounterForm",
    "EmergencyCloseForm",
    "EmergencyEntryForm",
    "EmergencyExtendForm",
    "EmergencyLinesForm",
    "EmergencyOpenForm",
    "FiguresForm",
    "FileForm",
    "ForwardForm",
    "HandRecipientForm",
    "InternalForm",
    "LabelForm",
    "LinkForm",
    "MailForm",
    "OutgoingForm",
    "ReclassifyForm",
    "RefuseAssignmentForm",
    "RefuseForm",
    "RegisterWaitingForm",
    "UnlinkForm",
    "WithdrawForm",
    "WorkaroundForm",
]
