"""The fields with which a document says what it refers to, and that it is not one that is here already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.services.protocol_office.web.forms.fields import text_field

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries.choosing import Options

_APART = re.compile(r"[,;\s]+")


class ReferringForm(forms.Form):
    """Earlier registrations that a document refers to, and the answer to a warning of duplicates."""

    links = text_field(
        _("Earlier registrations that it refers to"),
        600,
        "",
        required=False,
        help_text=_("Numbers and years, for example 123/2026, 130/2026."),
    )
    relation = forms.ChoiceField(label=_("This document"), required=False)
    another = forms.CharField(
        label=_("Is it registered already?"), required=False, max_length=4000, widget=forms.HiddenInput
    )

    def offer_relations(self, relations: Options) -> None:
        """Offer what a document can be to an earlier one."""
        field = self.fields["relation"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = relations

    def numbers(self) -> list[str]:
        """Return the numbers that were written."""
        data: dict[str, Any] = self.cleaned_data
        return [one for one in _APART.split(data["links"]) if one]
