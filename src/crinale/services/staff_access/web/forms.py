"""The forms of the sign-in and of a person's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crinale.spine.identity.models import Person

REASONS = {"holiday": _("Holiday"), "leave": _("Leave"), "mission": _("Mission"), "other": _("Other reason")}
_CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "autocapitalize": "none",
    "spellcheck": "false",
}


def reason_name(code: str) -> str:
    """Return the name of a reason to be away."""
    return str(REASONS.get(code, code))


def _password() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        error_messages={"required": _("Write your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SignInForm(AccessibleForm):
    """User name and password."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        error_messages={"required": _("Write your user name.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = _password()


class PasswordForm(AccessibleForm):
    """The password again."""

    password = _password()


class CodeForm(AccessibleForm):
    """A code of six digits, a recovery code, or what a passkey answered."""

    code = forms.CharField(
        label=_("Code of the application"),
        help_text=_("Six digits, a new code every half minute."),
        max_length=60,
        error_messages={"required": _("Write the code.")},
        widget=forms.TextInput(attrs=_CODE),
    )
    passkey = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, recovery: bool = False, **kwargs: Any) -> None:
        """Ask for a recovery code instead, where one was chosen."""
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.required = not self.data.get("passkey")
        if recovery:
            field.label = _("Recovery code")
            field.help_text = _("One of the ten that you printed or wrote down; each is good once.")
            field.widget.attrs |= {"inputmode": "text", "autocomplete": "off"}


class AuthenticatorForm(AccessibleForm):
    """The name of a new application, and a first code of it."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("To know it among others, for instance: Office telephone."),
        max_length=100,
        error_messages={"required": _("Write a name for it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Code that the application shows now"),
        max_length=20,
        error_messages={"required": _("Write the code.")},
        widget=forms.TextInput(attrs=_CODE),
    )


class PasskeyForm(AccessibleForm):
    """The name of a new passkey, and what the browser answered."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("To know it among others, for instance: Key on my ring."),
        max_length=100,
        error_messages={"required": _("Write a name for it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    passkey = forms.CharField(
        max_length=20_000,
        error_messages={"required": _("The browser made no passkey: it needs scripts, and your consent.")},
        widget=forms.HiddenInput,
        label=_("Passkey"),
    )


class AbsenceForm(AccessibleForm):
    """The days on which somebody is away, and who stands in."""

    valid_from = forms.DateField(
        label=_("First day"),
        error_messages={"required": _("Choose the first day."), "invalid": _("Write a day as 31/12/2026.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_to = forms.DateField(
        label=_("Last day"),
        error_messages={"required": _("Choose the last day."), "invalid": _("Write a day as 31/12/2026.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    substitute = forms.TypedChoiceField(
        label=_("Who stands in for you"),
        help_text=_("Sees what is assigned to you, with his or her own roles, on these days only."),
        coerce=UUID,
        error_messages={"required": _("Choose a colleague."), "invalid_choice": _("Choose a colleague.")},
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=list(REASONS.items()), initial="holiday")

    def __init__(self, *args: Any, colleagues: Iterable[Person], **kwargs: Any) -> None:
        """Offer the colleagues."""
        super().__init__(*args, **kwargs)
        names = [("", _("Choose")), *((str(one.id), one.name) for one in colleagues)]
        cast("forms.TypedChoiceField", self.fields["substitute"]).choices = names
