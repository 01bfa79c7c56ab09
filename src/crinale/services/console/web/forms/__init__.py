"""The forms of the console, and the fields that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.ui.forms import QuickSelect

if TYPE_CHECKING:
    from collections.abc import Sequence


class DayInput(forms.DateInput):
    """The browser's own day picker; the value travels as ``2026-08-14`` in every language."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        """Fix the format, which HTML prescribes."""
        super().__init__(format="%Y-%m-%d", **kwargs)


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, written by the browser's picker or as in Italy."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=DayInput(),
        error_messages={"required": _("Write the day."), "invalid": _("Write the day as 14/08/2026.")},
    )


def text_field(
    label: Any, *, missing: Any = "", longest: int = 300, help_text: Any = "", required: bool = True
) -> forms.CharField:
    """A line of text; ``missing`` says what to do when it is empty."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        help_text=help_text,
        error_messages={"required": missing},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def choice_field(
    label: Any, *, missing: Any = "", help_text: Any = "", required: bool = True
) -> forms.ChoiceField:
    """One of several; :func:`offer` gives the choices."""
    return forms.ChoiceField(
        label=label,
        required=required,
        help_text=help_text,
        error_messages={"required": missing, "invalid_choice": missing or _("Choose one of the list.")},
        widget=QuickSelect(),
    )


def offer(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]], *, none: Any = "") -> None:
    """Give a field its choices, after one that means none when there is a word for it."""
    cast("forms.ChoiceField", form.fields[name]).choices = [*([("", none)] if none else []), *choices]
