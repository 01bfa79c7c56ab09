"""The forms with which documents get registered: outgoing, arrived by hand or post, internal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crinale.kernel import ids
from crinale.kernel.errors import Invalid
from crinale.services.protocol_office.web.forms.fields import (
    ClassifiedForm,
    DossierField,
    SuggestingInput,
    classification_field,
    day_field,
    long_text_field,
    moment_field,
    office_field,
    text_field,
)
from crinale.services.protocol_office.web.forms.referring import ReferringForm
from crinale.spine.protocol.queries import PartyData, ReceivedReference, check_party
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.protocol.queries import EnclosureData

SUBJECT_HELP = _(
    "What the document is about, understandable by itself. It can never be corrected afterwards."
)
PERSON_KINDS = (
    ("natural_person", _("Person")),
    ("legal_person", _("Firm or association")),
    ("administration", _("Italian public body")),
    ("foreign_administration", _("Foreign public body")),
)
CORRESPONDENT = ("kind", "name", "last_name", "ipa_code", "tax_code", "email", "address")
PAPER_CHANNELS = (
    ("hand", _("By hand")),
    ("post", _("Post")),
    ("registered_post", _("Registered post")),
    ("pec", _("Certified mail (PEC)")),
    ("email", _("E-mail")),
    ("fax", _("Fax")),
)


class ComposedForm(ClassifiedForm):
    """What every document that gets registered from a page has: a token, a subject, its files."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    subject = long_text_field(
        _("Subject"), 2000, _("Write what the document is about."), help_text=SUBJECT_HELP
    )
    classification = classification_field()
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


class OutgoingForm(ReferringForm, ComposedForm):
    """A document that leaves the area."""

    advises = True  # on the subject, while it is being written

    recipients = forms.CharField(label=_("Recipients"), required=False, widget=forms.HiddenInput)
    reply_to = text_field(
        _("In answer to registration"),
        30,
        "",
        required=False,
        help_text=_("Number and year, for example 123/2026."),
    )
    dossier = DossierField(required=False)
    confidential = forms.BooleanField(
        label=_("Confidential: only those entitled may see it in the register"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the open dossiers."""
        super().__init__(*args, **kwargs)
        dossiers = self.choices.dossiers
        DossierField.offer(self, dossiers)
        if not (dossiers and dossiers.offered) and not self.data.get("dossier"):
            del self.fields["dossier"]


class HandRecipientForm(AccessibleForm):
    """A correspondent who is not in the index."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=PERSON_KINDS, initial="natural_person", widget=forms.RadioSelect
    )
    name = text_field(
        _("First name, or name of the firm or body"),
        300,
        _("Write the name of the person, of the firm or of the body."),
    )
    last_name = text_field(_("Last name (of a person)"), 200, "", required=False)
    ipa_code = text_field(_("IPA code (of an Italian public body)"), 50, "", required=False)
    tax_code = text_field(_("Tax code or VAT number"), 16, "", required=False)
    email = forms.EmailField(
        label=_("E-mail or PEC"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("Write an address such as nome@example.it.")},
    )
    address = text_field(_("Postal address"), 300, "", required=False)

    def clean(self) -> dict[str, Any]:
        """Let the spine check the correspondent."""
        cleaned = super().clean() or {}
        if any(name in self.errors for name in CORRESPONDENT):
            return cleaned
        if cleaned["ipa_code"] and cleaned["kind"] != "administration":
            self.add_error("ipa_code", _("Only an Italian public body has an IPA code: choose that kind."))
            return cleaned
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
            ipa_code=data["ipa_code"],
            email=data["email"],
            postal_address=data["address"],
            confirm=False,
        )


class Written(TypedDict):
    """What every document registered by hand says."""

    subject: str
    classification: str
    channel: str
    confidential: bool
    documents: list[EnclosureData]


class CounterForm(ComposedForm, HandRecipientForm):
    """A document that arrived by hand, post or mail.

    Its correspondent is written by hand, unless one was chosen from the index.
    """

    channel = forms.ChoiceField(label=_("How it arrived"), choices=PAPER_CHANNELS)
    arrived_at = moment_field(_("When it arrived"), required=False)
    received_number = text_field(_("Sender's protocol number"), 100, "", required=False)
    received_date = day_field(_("Date of the document"), required=False)
    office = office_field(required=False)
    confidential = forms.BooleanField(
        label=_("Confidential: only those entitled may see it in the register"), required=False
    )

    def __init__(self, *args: Any, correspondent: PartyData | None = None, **kwargs: Any) -> None:
        """Take the correspondent that was chosen from the index, if one was."""
        super().__init__(*args, **kwargs)
        self.correspondent = correspondent

    def clean(self) -> dict[str, Any]:
        """Ask nothing of the fields to write by hand when the correspondent comes from the index."""
        if self.correspondent is None:
            return super().clean()
        for name in CORRESPONDENT:
            self.errors.pop(name, None)
        return self.cleaned_data

    def party(self) -> PartyData:
        """Return the correspondent."""
        return self.correspondent or super().party()

    def written(self, documents: list[EnclosureData]) -> Written:
        """Return what every document registered by hand says, whichever way it went."""
        data = self.cleaned_data
        return {
            "subject": data["subject"],
            "classification": data["classification"],
            "channel": data["channel"],
            "confidential": data["confidential"],
            "documents": documents,
        }

    def reference(self) -> ReceivedReference | None:
        """Return the protocol of the sender, when one was written."""
        number, day = self.cleaned_data["received_number"], self.cleaned_data["received_date"]
        return ReceivedReference(number=number, date=day) if number or day else None


class ArrivalForm(ReferringForm, CounterForm):
    """A document that arrived on paper or by mail, from one sender or several.

    Who is chosen stands on the page; who is written by hand is one more, or the only one.
    """

    field_order = ("token",)
    addressed = forms.MultipleChoiceField(
        label=_("Addressed to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Offices that the document names. Without any it is for the whole administration."),
    )
    deferred_act = text_field(
        _("Act that allows the deferred registration"),
        300,
        "",
        required=False,
        help_text=_("Only for what arrived on an earlier day and is registered late by an act."),
    )
    deferred_reason = text_field(_("Why it is registered late"), 1000, "", required=False)

    def __init__(self, *args: Any, chosen: Sequence[PartyData] = (), **kwargs: Any) -> None:
        """Take the senders that were chosen."""
        data = (args[0] if args else kwargs.get("data")) or {}
        by_hand = any(data.get(name, "").strip() for name in ("name", "last_name"))
        known = None if by_hand or not chosen else chosen[0]
        super().__init__(*args, correspondent=known, **kwargs)
        self.chosen, self.by_hand = chosen, by_hand or not chosen
        self.fields["subject"].widget = SuggestingInput(attrs={"class": "form-control"})
        self.fields["arrived_at"].help_text = _("Left empty: now.")
        addressed = self.fields["addressed"]
        assert isinstance(addressed, forms.ChoiceField)  # noqa: S101  declared so above
        addressed.choices = self.choices.offices

    def senders(self) -> list[PartyData]:
        """Return every sender, the chosen ones first."""
        return [*self.chosen, *([self.party()] if self.by_hand else [])]


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
