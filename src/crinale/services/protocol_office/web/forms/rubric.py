"""The forms of the address book: a correspondent, his end, a merge, a group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.services.protocol_office.web.forms.composing import HandRecipientForm
from crinale.services.protocol_office.web.forms.fields import long_text_field, text_field
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from crinale.spine.protocol.queries import PartyData

_LONGEST_REASON = 500


class CorrespondentForm(HandRecipientForm):
    """What is known of a correspondent, and why it changes."""

    phone = text_field(_("Telephone"), 60, "", required=False)
    reason = text_field(
        _("Reason of the change"),
        _LONGEST_REASON,
        "",
        required=False,
        help_text=_("For example: moved, new certified mail. What was known before stays."),
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    another = forms.BooleanField(
        label=_("It is another one with the same name or code: keep both"), required=False
    )

    def __init__(self, *args: Any, known: PartyData | None = None, **kwargs: Any) -> None:
        """Begin with what is known."""
        if known is not None:
            kwargs["initial"] = {**as_written(known), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.known = known

    def party(self) -> PartyData:
        """Return the correspondent; codes of the index that the form does not ask stay as they were."""
        written = replace(super().party(), phone=self.cleaned_data.get("phone", ""), confirm=True)
        known = self.known
        if known is None or known.kind != written.kind or known.ipa_code != written.ipa_code:
            return written
        if written.kind == "natural_person":
            return replace(written, title=known.title)
        return replace(
            written,
            first_name=known.first_name,
            last_name=known.last_name,
            title=known.title,
            aoo_code=known.aoo_code,
            aoo_name=known.aoo_name,
            office_code=known.office_code,
            office_name=known.office_name,
        )


def as_written(party: PartyData) -> dict[str, str]:
    """Return a party as the fields of the form write it."""
    person = party.kind == "natural_person"
    return {
        "kind": party.kind,
        "name": party.first_name if person else party.name,
        "last_name": party.last_name if person else "",
        "ipa_code": party.ipa_code,
        "tax_code": party.tax_code,
        "email": party.email,
        "address": party.postal_address,
        "phone": party.phone,
    }


class CloseCorrespondentForm(AccessibleForm):
    """Why a correspondent is taken out of use."""

    reason = long_text_field(_("Reason"), _LONGEST_REASON, _("Write why it is taken out of use."))


class MergeForm(AccessibleForm):
    """Which of two correspondents stays, and why they are one."""

    keep = forms.ChoiceField(
        label=_("Which one stays"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which one stays.")},
    )
    reason = long_text_field(_("Reason"), _LONGEST_REASON, _("Write why the two are one."))

    def __init__(self, *args: Any, pair: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the two."""
        super().__init__(*args, **kwargs)
        field = self.fields["keep"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = pair


class GroupForm(AccessibleForm):
    """The name of a group."""

    name = text_field(_("Name of the group"), 200, _("Write the name of the group."))
