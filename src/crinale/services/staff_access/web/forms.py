"""The form of the sign-in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.ui.forms import AccessibleForm


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
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        error_messages={"required": _("Write your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
