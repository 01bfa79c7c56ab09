"""The forms about what is registered already, or waits to be: annul, assign, reclassify, register, refuse."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.kernel import clock
from crinale.services.protocol_office.web.forms.fields import (
    ClassifiedForm,
    classification_field,
    day_field,
    long_text_field,
    office_field,
    text_field,
)
from crinale.ui.forms import AccessibleForm

ACT_KINDS = tuple(
    (kind, kind) for kind in ("Determinazione", "Provvedimento", "Decreto", "Ordinanza", "Deliberazione")
)


class AnnulForm(AccessibleForm):
    """The act and the reason of an annulment."""

    act_type = forms.ChoiceField(label=_("Kind of act"), choices=ACT_KINDS)
    act_number = text_field(
        _("Number of the act"), 50, _("Write the number of the act that authorises the annulment.")
    )
    act_date = day_field(_("Date of the act"))
    reason = long_text_field(_("Reason"), 2000, _("Write why the registration is annulled."))

    def clean_act_date(self) -> object:
        """An act that authorises cannot be in the future."""
        day = self.cleaned_data["act_date"]
        if day > clock.today():
            raise forms.ValidationError(_("The act cannot be dated after today."))
        return day


class ReclassifyForm(ClassifiedForm):
    """A new heading and why."""

    classification = classification_field()
    reason = long_text_field(_("Reason"), 1000, _("Write why the classification changes."))


class AssignForm(ClassifiedForm):
    """A new office in charge."""

    office = office_field(required=True)
    note = long_text_field(_("Note for the office"), 1000, "", required=False)


class RegisterWaitingForm(ClassifiedForm):
    """What the clerk adds to a document that arrived from another area."""

    classification = classification_field()
    office = office_field(required=False)


class RefuseForm(AccessibleForm):
    """Why a document is refused; the sender reads it."""

    reason = long_text_field(
        _("Reason for the sender"),
        500,
        _("Write why you refuse it: the sender will read it."),
        help_text=_("The document goes back as anomaly 000, not receivable, with these words."),
    )
