"""The forms of the register as a whole: a copy of it, its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.services.protocol_office.web.forms.fields import day_field, text_field
from crinale.spine.protocol.queries import RegistrationFilter
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries import Choices


class FiguresForm(AccessibleForm):
    """The days of which the figures are asked."""

    since = day_field(_("From the day"))
    until = day_field(_("To the day"))


class CopyForm(AccessibleForm):
    """Which part of the register is copied, and as what."""

    since = day_field(_("From the day"), required=False, help_text=_("From the beginning when empty."))
    until = day_field(_("To the day"), required=False, help_text=_("To the last one when empty."))
    direction = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=(
            ("", _("All")),
            ("incoming", _("Incoming")),
            ("outgoing", _("Outgoing")),
            ("internal", _("Internal")),
        ),
    )
    office = forms.ChoiceField(label=_("Office"), required=False)
    classification = text_field(
        _("Heading of the filing plan"),
        40,
        "",
        required=False,
        help_text=_("Its code, for example 6.10; those below it are included."),
    )
    annulled = forms.ChoiceField(
        label=_("Annulled ones"),
        required=False,
        choices=(("", _("With the others")), ("only", _("Only those")), ("none", _("Without them"))),
    )
    kind = forms.ChoiceField(
        label=_("As"),
        choices=(
            ("pdf", _("PDF, to print")),
            ("csv", _("CSV, a table as text")),
            ("ods", _("ODS, a spreadsheet")),
        ),
        initial="pdf",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        """Offer the offices of the area."""
        super().__init__(*args, **kwargs)
        office: Any = self.fields["office"]
        office.choices = (("", _("All offices")), *choices.offices)

    def narrowed(self) -> RegistrationFilter:
        """Return what the register is narrowed to."""
        data = self.cleaned_data
        return RegistrationFilter(
            since=data["since"],
            until=data["until"],
            direction=data["direction"] or None,
            office_id=UUID(data["office"]) if data["office"] else None,
            classification_code=data["classification"],
            annulled={"only": True, "none": False}.get(data["annulled"]),
        )
