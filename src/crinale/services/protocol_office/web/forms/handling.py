"""The forms about what is registered already, or waits to be: annul, assign, reclassify, register, refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries.choosing import Options

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
    act_file = forms.CharField(label=_("File of the act"), required=False, widget=forms.HiddenInput)
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


class _AssigneeForm(AccessibleForm):
    """A form that names offices, or people who work there."""

    def __init__(self, *args: Any, assignees: Options, **kwargs: Any) -> None:
        """Offer the offices of the area, each followed by its people."""
        super().__init__(*args, **kwargs)
        for name in ("office", "also", "knowledge"):
            if name in self.fields:
                field = self.fields[name]
                assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so in the subclasses
                field.choices = [("", _("Choose…")), *assignees] if name == "office" else assignees


def _several_field(label: Any, help_text: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, help_text=help_text, widget=forms.CheckboxSelectMultiple
    )


class AssignForm(_AssigneeForm):
    """Who is in charge, who else, who should know, until when."""

    office = office_field(required=True)
    deadline = day_field(
        _("To be done by"), required=False, help_text=_("The last day; who is late sees it in the queue.")
    )
    note = long_text_field(_("Note for the office"), 1000, "", required=False)
    also = _several_field(_("Also in charge"), _("They act upon it together with the first."))
    knowledge = _several_field(_("To know of it"), _("They read it; nothing else is asked of them."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for the first unless somebody else is named."""
        super().__init__(*args, **kwargs)
        others = any(self[name].value() for name in ("also", "knowledge"))
        self.fields["office"].required = not others


class ForwardForm(_AssigneeForm):
    """To whom an assignment is passed on, and why."""

    office = office_field(required=True)
    reason = long_text_field(_("Reason"), 1000, _("Write why it is for another office or person."))


class RefuseAssignmentForm(AccessibleForm):
    """Why a document is not for this office or person."""

    reason = long_text_field(_("Reason"), 1000, _("Write why it is not for you: who assigned it reads it."))


class WithdrawForm(AccessibleForm):
    """Why an assignment is taken back."""

    reason = long_text_field(_("Reason"), 1000, _("Write why it is taken back: the assignee reads it."))


class ConcludeForm(AccessibleForm):
    """How it ended, if there is something to say."""

    note = long_text_field(_("How it ended"), 1000, "", required=False)


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
