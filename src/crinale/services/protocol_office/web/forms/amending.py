"""The forms about a registration that stands: correct it, link it, print its label, send it another way."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.kernel import clock
from crinale.services.protocol_office.web.forms.fields import (
    day_field,
    long_text_field,
    moment_field,
    text_field,
)
from crinale.spine.protocol.queries import ON_SHEET
from crinale.ui.forms import AccessibleForm
from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.kernel.errors import Invalid
    from crinale.services.protocol_office.queries.choosing import Options
    from crinale.services.protocol_office.queries.corrections import Value

NUMBER_HELP = _("Number and year, for example 123/2026.")


class CorrectForm(AccessibleForm):
    """New values where the law allows one, and why; a field is named by the path of its value."""

    def __init__(self, *args: Any, values: Sequence[Value], channels: Options, **kwargs: Any) -> None:
        """Ask for each value, filled with what it is now."""
        super().__init__(*args, **kwargs)
        self.values = values
        for one in values:
            field = _field_for(one, channels)
            field.initial = _typed(one.now)
            name = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs["class"] = name
            self.fields[one.path] = field
        self.fields["reason"] = long_text_field(_("Reason"), 1000, _("Write why it is corrected."))
        self.fields["reason"].widget.attrs["class"] = "form-control"

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by what they belong to, in order."""
        found: dict[str, list[forms.BoundField]] = {}
        for one in self.values:
            found.setdefault(one.group, []).append(self[one.path])
        return list(found.items())

    def changes(self) -> dict[str, Any]:
        """Return the values that differ from those shown."""
        return {one.path: self.cleaned_data[one.path] for one in self.values if one.path in self.changed_data}

    def refuse(self, error: Invalid) -> None:
        """Show an error at the field that has its path."""
        self.add_error(error.field if error.field in self.fields else None, sentence(error.remedy))


def _field_for(one: Value, channels: Options) -> forms.Field:
    if one.path == "channel":
        return forms.ChoiceField(label=one.label, choices=[("", _("Not said")), *channels], required=False)
    if one.path == "arrived_at":
        return moment_field(one.label, required=False)
    if one.path == "received_date":
        return day_field(one.label, required=False)
    return text_field(one.label, 500, "", required=False)


def _typed(now: str | date | datetime | None) -> str | date | datetime | None:
    """Return a value as its field writes it: instants to the minute, in Rome."""
    if isinstance(now, datetime):
        return now.astimezone(clock.ROME).replace(second=0, microsecond=0)
    return now


class LinkForm(AccessibleForm):
    """An earlier registration, what this one is to it, and why."""

    number = text_field(
        _("Registration"), 30, _("Write the number of the other registration."), help_text=NUMBER_HELP
    )
    relation = forms.ChoiceField(label=_("This registration"))
    reason = long_text_field(_("Reason"), 1000, _("Write why they belong together."))

    def __init__(self, *args: Any, relations: Options, **kwargs: Any) -> None:
        """Offer what one can be to another."""
        super().__init__(*args, **kwargs)
        field = self.fields["relation"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = relations


class UnlinkForm(AccessibleForm):
    """Why a link was wrong."""

    reason = long_text_field(_("Reason"), 1000, _("Write why the link is taken away."))


class LabelForm(AccessibleForm):
    """Where on a sheet of labels the next free one is."""

    posizione = forms.IntegerField(
        label=_("First free label of the sheet"),
        min_value=1,
        max_value=ON_SHEET,
        initial=1,
        help_text=_("From 1 to 24, row by row."),
        error_messages={
            name: _("Choose a position from 1 to 24.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )


class MailForm(AccessibleForm):
    """The address that a registered document is sent to by mail."""

    address = forms.EmailField(
        label=_("E-mail or PEC"),
        max_length=254,
        error_messages={
            "required": _("Write the address that the mail goes to."),
            "invalid": _("Write an address such as nome@example.it."),
        },
    )
