"""The forms of the emergency register (DPR 445/2000 art. 63)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.kernel import clock
from crinale.services.protocol_office.web.forms.composing import CounterForm
from crinale.services.protocol_office.web.forms.fields import long_text_field, moment_field, text_field
from crinale.spine.protocol.actions.emergency import EmergencyLine
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from datetime import date

    from crinale.spine.protocol.queries import EnclosureData


MOST_CHARACTERS: Final = 200_000


class EmergencyOpenForm(AccessibleForm):
    """The interruption and who authorises the emergency register."""

    cause = long_text_field(_("Cause of the interruption"), 1000, _("Write why the system cannot be used."))
    authorisation = text_field(_("Authorised by"), 300, _("Write who authorises it and by which act."))
    started_at = moment_field(_("Since when"))


class EmergencyExtendForm(AccessibleForm):
    """The act that allows the emergency register beyond 24 hours."""

    act = text_field(_("Act that extends it"), 300, _("Write the act, with number and date."))
    valid_from = moment_field(_("Allowed from"))
    valid_to = moment_field(_("Allowed until"))


class EmergencyEntryForm(CounterForm):
    """One line of the emergency register."""

    number = forms.IntegerField(
        label=_("Number in the emergency register"),
        min_value=1,
        error_messages={
            "required": _("Write the number given by hand."),
            "invalid": _("Write a whole number."),
        },
    )
    entered_on_paper_at = moment_field(_("When it was registered by hand"))
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=(("incoming", _("It arrived")), ("outgoing", _("It was sent"))),
        initial="incoming",
        widget=forms.RadioSelect,
    )

    def line(self, documents: list[EnclosureData]) -> EmergencyLine:
        """Return the line to enter."""
        data, party = self.cleaned_data, self.party()
        arrived = data["direction"] == "incoming"
        return EmergencyLine(
            **self.written(documents),
            number=data["number"],
            entered_on_paper_at=data["entered_on_paper_at"],
            direction=data["direction"],
            sender=party if arrived else None,
            recipients=() if arrived else (party,),
            received=self.reference() if arrived else None,
        )


class EmergencyLinesForm(AccessibleForm):
    """Many lines of the emergency register, pasted or in a file."""

    lines = forms.CharField(
        label=_("Lines, as a table"),
        required=False,
        max_length=MOST_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("Paste the rows of the sheet; the first one holds the names of the columns."),
        error_messages={"max_length": _("This is too long: divide the table.")},
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv", "class": "form-control"}),
    )

    def clean(self) -> dict[str, Any]:
        """Take the file when nothing was pasted; it becomes text to be corrected on the page."""
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        if upload is not None and not cleaned.get("lines", "").strip():
            data = upload.read(MOST_CHARACTERS + 1)
            if len(data) > MOST_CHARACTERS:
                self.add_error("file", _("This is too long: divide the table."))
                return cleaned
            try:
                cleaned["lines"] = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                cleaned["lines"] = data.decode("windows-1252", "replace")
        if not cleaned.get("lines", "").strip() and not self.errors:
            self.add_error("lines", _("Paste the lines, or choose a file."))
        return cleaned


class EmergencyCloseForm(AccessibleForm):
    """The end of the interruption, and how many documents were registered by hand on each of its days."""

    restored_at = moment_field(_("When the system worked again"))

    def __init__(self, *args: Any, days: list[date], **kwargs: Any) -> None:
        """Ask one total for each day that the interruption may have lasted."""
        super().__init__(*args, **kwargs)
        self.days = days
        for day in days:
            self.fields[f"total_{day.isoformat()}"] = forms.IntegerField(
                label=_("Registered by hand on %(day)s") % {"day": f"{day:%d/%m/%Y}"},
                min_value=0,
                initial=0,
                required=False,
                widget=forms.NumberInput(attrs={"class": "form-control"}),
                error_messages={
                    "invalid": _("Write a whole number."),
                    "min_value": _("Write a whole number."),
                },
            )

    def totals(self) -> dict[date, int]:
        """Return the totals of the days until the system was back."""
        last = clock.legal_day(self.cleaned_data["restored_at"])
        return {day: self.cleaned_data[f"total_{day.isoformat()}"] or 0 for day in self.days if day <= last}
