"""The forms of the editions of the filing plan (DPR 445/2000 art. 64)."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.services.protocol_office.web.forms.fields import day_field, long_text_field, text_field
from crinale.ui.forms import AccessibleForm

_LARGEST_PLAN: Final = 1_000_000


class EditionForm(AccessibleForm):
    """An edition of the filing plan: a file to look at first, or its text once it was looked at."""

    name = text_field(_("Name of the edition"), 200, _("Write how it is called, for example Titolario 2027."))
    valid_from = day_field(_("In force from"))
    file = forms.FileField(
        label=_("File (CSV)"),
        required=False,
        help_text=_(
            "UTF-8, with the columns code and title; a third column, from, may name the headings that one "
            "continues."
        ),
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput, max_length=_LARGEST_PLAN, strip=False)

    def clean_valid_from(self) -> Any:
        """An edition cannot have been in force."""
        day = self.cleaned_data["valid_from"]
        if day < clock.today():
            raise forms.ValidationError(_("Choose today or a later day."))
        return day

    def refuse(self, error: Invalid) -> None:
        """Show what is wrong with the plan at its file."""
        super().refuse(Invalid("file", error.remedy) if error.field == "plan" else error)

    def clean(self) -> dict[str, Any]:
        """Take the text of the file, if one was chosen."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = data.get("file")
        if chosen is not None:
            if chosen.size > _LARGEST_PLAN:
                self.add_error("file", _("This file is too long for a filing plan."))
                return data
            try:
                data["text"] = chosen.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("Save the file as CSV in UTF-8."))
        elif not data.get("text"):
            self.add_error("file", _("Choose a file."))
        return data


class WithdrawEditionForm(AccessibleForm):
    """Why an edition is withdrawn."""

    reason = long_text_field(_("Reason"), 1000, _("Write why the edition is withdrawn."))
