"""The forms of the protocol office: they parse and keep what was typed; the spine decides."""

from __future__ import annotations

from crinale.services.protocol_office.web.forms.composing import (
    CORRESPONDENT,
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
    EmergencyOpenForm,
)
from crinale.services.protocol_office.web.forms.following import (
    CloseIncidentForm,
    DossierForm,
    FileForm,
    WorkaroundForm,
)
from crinale.services.protocol_office.web.forms.handling import (
    AnnulForm,
    AssignForm,
    ReclassifyForm,
    RefuseForm,
    RegisterWaitingForm,
)

__all__ = [
    "CORRESPONDENT",
    "AnnulForm",
    "AssignForm",
    "CloseIncidentForm",
    "ComposedForm",
    "CounterForm",
    "DossierForm",
    "EmergencyCloseForm",
    "EmergencyEntryForm",
    "EmergencyExtendForm",
    "EmergencyOpenForm",
    "FileForm",
    "HandRecipientForm",
    "InternalForm",
    "OutgoingForm",
    "ReclassifyForm",
    "RefuseForm",
    "RegisterWaitingForm",
    "WorkaroundForm",
]
