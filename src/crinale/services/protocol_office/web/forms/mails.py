"""The forms about a mail that waits: register it, or set it aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.services.protocol_office.web.forms.composing import SUBJECT_HELP
from crinale.services.protocol_office.web.forms.fields import (
    ClassifiedForm,
    classification_field,
    long_text_field,
    office_field,
)
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.services.protocol_office.queries import MailFileShown

WHOLE: Final = "mail"
BY_HAND: Final = "hand"


class RegisterMailForm(ClassifiedForm):
    """What the clerk says of a mail; filled with what is known already."""

    sender = forms.ChoiceField(
        label=_("Sender"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose who wrote it."),
            "invalid_choice": _("Choose who wrote it among those that are suggested now."),
        },
    )
    subject = long_text_field(
        _("Subject"), 2000, _("Write what the document is about."), help_text=SUBJECT_HELP
    )
    classification = classification_field()
    office = office_field(required=False)
    primary = forms.ChoiceField(
        label=_("Primary document"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the primary document.")},
    )
    attached = forms.MultipleChoiceField(
        label=_("Attachments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    confidential = forms.BooleanField(
        label=_("Confidential: only those entitled may see it in the register"), required=False
    )

    def __init__(
        self, *args: Any, senders: Sequence[str], files: Sequence[MailFileShown], **kwargs: Any
    ) -> None:
        """Offer the senders (tokens) and the documents of this mail."""
        super().__init__(*args, **kwargs)
        self.parts: list[tuple[str, Any]] = [
            (WHOLE, _("The mail itself (.eml)")),
            *((str(one.position), one.name) for one in files),
        ]
        choices: dict[str, list[tuple[str, Any]]] = {
            "sender": [(one, one) for one in (*senders, BY_HAND)],
            "primary": self.parts,
            "attached": self.parts,
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
            field.choices = offered

    def documents(self) -> list[str]:
        """Return what is registered, the primary document first: places of files, and the mail itself."""
        first, ticked = self.cleaned_data["primary"], self.cleaned_data["attached"]
        return [first, *(one for one in ticked if one != first)]


class SetAsideForm(AccessibleForm):
    """Why a mail is not registered."""

    reason = long_text_field(
        _("Why it is not registered"),
        2000,
        _("Write why it is not registered: it stays with the mail."),
        help_text=_("For example advertising, or a copy of what is registered already."),
    )


class NoteForm(AccessibleForm):
    """What is known about a receipt of which the message is not here."""

    reason = long_text_field(
        _("Note"),
        2000,
        _("Write what you found out about it: it stays with the receipt."),
        help_text=_("For example: it is about a mail sent from the webmail."),
    )
