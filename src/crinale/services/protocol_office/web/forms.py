"""The forms of the protocol office: they parse and keep what was typed; the spine decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crinale.kernel import clock, ids
from crinale.kernel.errors import Invalid
from crinale.spine.protocol.actions.emergency import EmergencyLine
from crinale.spine.protocol.queries import PartyData, ReceivedReference, check_party
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from datetime import date

    from crinale.services.protocol_office.queries import Choices
    from crinale.spine.protocol.queries import EnclosureData

SUBJECT_HELP = _(
    "What the document is about, understandable by itself. It can never be corrected afterwards."
)
PERSON_KINDS = (
    ("natural_person", _("Person")),
    ("legal_person", _("Firm or association")),
    ("foreign_administration", _("Foreign public body")),
)
PAPER_CHANNELS = (
    ("hand", _("By hand")),
    ("post", _("Post")),
    ("registered_post", _("Registered post")),
    ("pec", _("Certified mail (PEC)")),
    ("email", _("E-mail")),
    ("fax", _("Fax")),
)
ACT_KINDS = tuple(
    (kind, kind) for kind in ("Determinazione", "Provvedimento", "Decreto", "Ordinanza", "Deliberazione")
)
REQUIRED_CLASSIFICATION = _("Choose a heading of the filing plan.")


class DayInput(forms.DateInput):
    """The browser's own day picker; the value travels as ``2026-08-14`` in every language."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        """Fix the format, which HTML prescribes."""
        super().__init__(format="%Y-%m-%d", **kwargs)


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of day and time, in Rome."""

    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        """Fix the format, which HTML prescribes."""
        super().__init__(format="%Y-%m-%dT%H:%M", **kwargs)


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=DayInput(),
        error_messages={"required": _("Write the day."), "invalid": _("Write the day as 14/08/2026.")},
    )


def _moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=required,
        input_formats=["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"],
        widget=MomentInput(),
        error_messages={
            "required": _("Write day and time."),
            "invalid": _("Write day and time as 14/08/2026 09:30."),
        },
    )


def _text(
    label: Any, limit: int, remedy: Any, *, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        help_text=help_text,
        error_messages={"required": remedy},
    )


def _long_text(
    label: Any, limit: int, remedy: Any, *, help_text: Any = "", required: bool = True
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": remedy},
    )


class ClassifiedForm(AccessibleForm):
    """A form with a heading of the filing plan."""

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        """Offer the headings in force and the offices of the area."""
        super().__init__(*args, **kwargs)
        self.choices = choices
        for name in ("classification", "office", "sender_office"):
            if name in self.fields:
                offered = choices.classifications if name == "classification" else choices.offices
                field = self.fields[name]
                assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so in the subclasses
                field.choices = [("", _("Choose…")), *offered]
        if "classification" in self.fields:
            self.fields["classification"].widget.attrs |= {
                "data-filter-label": _("Write a word to shorten the list"),
                "data-filter-count": _("Headings left: {n}"),
            }


def _classification() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Classification"), error_messages={"required": REQUIRED_CLASSIFICATION})


def _office(*, required: bool) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Office in charge"), required=required, error_messages={"required": _("Choose an office.")}
    )


class ComposedForm(ClassifiedForm):
    """What every document that gets registered from a page has: a token, a subject, its files."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    subject = _long_text(_("Subject"), 2000, _("Write what the document is about."), help_text=SUBJECT_HELP)
    classification = _classification()
    documents = forms.CharField(label=_("Primary document"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give a new form its token: sending it twice registers once."""
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = ids.new_id
        self.fields["documents"].widget.attrs["id"] = "id_documents"
        if self.advises:
            self.fields["subject"].widget.attrs |= {
                "hx-get": reverse("protocol_office:subject_advice"),
                "hx-trigger": "input changed delay:400ms",
                "hx-target": "#subject-advice",
            }

    advises = False


class OutgoingForm(ComposedForm):
    """A document that leaves the area."""

    advises = True  # on the subject, while it is being written

    recipients = forms.CharField(label=_("Recipients"), required=False, widget=forms.HiddenInput)
    reply_to = _text(
        _("In answer to registration"),
        30,
        "",
        required=False,
        help_text=_("Number and year, for example 123/2026."),
    )
    dossier = forms.ChoiceField(label=_("Dossier"), required=False)
    confidential = forms.BooleanField(
        label=_("Confidential: only those entitled may see it in the register"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the open dossiers."""
        super().__init__(*args, **kwargs)
        field = self.fields["dossier"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = [("", _("None")), *self.choices.dossiers]
        if not self.choices.dossiers:
            del self.fields["dossier"]


class HandRecipientForm(AccessibleForm):
    """A correspondent who is not in the index."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=PERSON_KINDS, initial="natural_person", widget=forms.RadioSelect
    )
    name = _text(
        _("First name, or name of the firm or body"),
        300,
        _("Write the name of the person, of the firm or of the body."),
    )
    last_name = _text(_("Last name (of a person)"), 200, "", required=False)
    tax_code = _text(_("Tax code or VAT number"), 16, "", required=False)
    email = forms.EmailField(
        label=_("E-mail or PEC"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("Write an address such as nome@example.it.")},
    )
    address = _text(_("Postal address"), 300, "", required=False)

    def clean(self) -> dict[str, Any]:
        """Let the spine check the correspondent."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                check_party(self.party(), field="party")
            except Invalid as error:
                name = {"first_name": "name", "postal_address": "address"}.get(
                    error.field.rpartition(".")[2], error.field.rpartition(".")[2]
                )
                self.refuse(Invalid(name, error.remedy))
        return cleaned

    def party(self) -> PartyData:
        """Return the correspondent."""
        data = self.cleaned_data
        person = data["kind"] == "natural_person"
        return PartyData(
            kind=data["kind"],
            name="" if person else data["name"],
            first_name=data["name"] if person else "",
            last_name=data["last_name"] if person else "",
            tax_code=data["tax_code"].upper(),
            email=data["email"],
            postal_address=data["address"],
            confirm=False,
        )


class CounterForm(ComposedForm, HandRecipientForm):
    """A document that arrived by hand, post or mail."""

    channel = forms.ChoiceField(label=_("How it arrived"), choices=PAPER_CHANNELS)
    arrived_at = _moment(_("When it arrived"), required=False)
    received_number = _text(_("Sender's protocol number"), 100, "", required=False)
    received_date = _day(_("Date of the document"), required=False)
    office = _office(required=False)
    confidential = forms.BooleanField(
        label=_("Confidential: only those entitled may see it in the register"), required=False
    )


class InternalForm(ComposedForm):
    """A document from one office of the area to another."""

    sender_office = forms.ChoiceField(
        label=_("From the office"), error_messages={"required": _("Choose the office that writes.")}
    )
    office = forms.ChoiceField(
        label=_("To the office"), error_messages={"required": _("Choose the office that receives.")}
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an office that writes to itself."""
        cleaned = super().clean() or {}
        if cleaned.get("office") and cleaned.get("office") == cleaned.get("sender_office"):
            self.add_error("office", _("Choose an office other than the one that writes."))
        return cleaned


class AnnulForm(AccessibleForm):
    """The act and the reason of an annulment."""

    act_type = forms.ChoiceField(label=_("Kind of act"), choices=ACT_KINDS)
    act_number = _text(
        _("Number of the act"), 50, _("Write the number of the act that authorises the annulment.")
    )
    act_date = _day(_("Date of the act"))
    reason = _long_text(_("Reason"), 2000, _("Write why the registration is annulled."))

    def clean_act_date(self) -> object:
        """An act that authorises cannot be in the future."""
        day = self.cleaned_data["act_date"]
        if day > clock.today():
            raise forms.ValidationError(_("The act cannot be dated after today."))
        return day


class ReclassifyForm(ClassifiedForm):
    """A new heading and why."""

    classification = _classification()
    reason = _long_text(_("Reason"), 1000, _("Write why the classification changes."))


class AssignForm(ClassifiedForm):
    """A new office in charge."""

    office = _office(required=True)
    note = _long_text(_("Note for the office"), 1000, "", required=False)


class RegisterWaitingForm(ClassifiedForm):
    """What the clerk adds to a document that arrived from another area."""

    classification = _classification()
    office = _office(required=False)


class RefuseForm(AccessibleForm):
    """Why a document is refused; the sender reads it."""

    reason = _long_text(
        _("Reason for the sender"),
        500,
        _("Write why you refuse it: the sender will read it."),
        help_text=_("The document goes back as anomaly 000, not receivable, with these words."),
    )


class EmergencyOpenForm(AccessibleForm):
    """The interruption and who authorises the emergency register."""

    cause = _long_text(_("Cause of the interruption"), 1000, _("Write why the system cannot be used."))
    authorisation = _text(_("Authorised by"), 300, _("Write who authorises it and by which act."))
    started_at = _moment(_("Since when"))


class EmergencyExtendForm(AccessibleForm):
    """The act that allows the emergency register beyond 24 hours."""

    act = _text(_("Act that extends it"), 300, _("Write the act, with number and date."))
    valid_from = _moment(_("Allowed from"))
    valid_to = _moment(_("Allowed until"))


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
    entered_on_paper_at = _moment(_("When it was registered by hand"))
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
            number=data["number"],
            entered_on_paper_at=data["entered_on_paper_at"],
            direction=data["direction"],
            subject=data["subject"],
            classification=data["classification"],
            documents=documents,
            sender=party if arrived else None,
            recipients=() if arrived else (party,),
            channel=data["channel"],
            received=ReceivedReference(number=data["received_number"], date=data["received_date"])
            if arrived and (data["received_number"] or data["received_date"])
            else None,
        )


class EmergencyCloseForm(AccessibleForm):
    """The end of the interruption, and how many documents were registered by hand on each of its days."""

    restored_at = _moment(_("When the system worked again"))

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
