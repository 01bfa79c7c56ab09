"""The form of a document that is written again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.services.protocol_office.web.forms.fields import (
    ClassifiedForm,
    classification_field,
    long_text_field,
    office_field,
    text_field,
)

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries.choosing import Options


class PresetForm(ClassifiedForm):
    """What the preset fills in; everything but its name may be left open."""

    name = text_field(_("Name of the preset"), 120, _("Write the name of the preset."))
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=(("outgoing", _("Outgoing")), ("incoming", _("Incoming"))),
        initial="outgoing",
        widget=forms.RadioSelect,
    )
    subject = long_text_field(_("Subject"), 2000, "", required=False)
    classification = classification_field()
    office = office_field(required=False)
    groups = forms.MultipleChoiceField(
        label=_("Groups of the address book"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, groups: Options, **kwargs: Any) -> None:
        """Offer the groups of the area."""
        super().__init__(*args, **kwargs)
        self.fields["classification"].required = False
        field = self.fields["groups"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = groups
        if not groups:
            del self.fields["groups"]
