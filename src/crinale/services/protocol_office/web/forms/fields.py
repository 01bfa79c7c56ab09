"""The fields that several forms share, and forms with a heading of the filing plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from crinale.kernel.errors import Invalid
from crinale.ui.forms import AccessibleForm, QuickSelect
from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from django.forms.renderers import BaseRenderer
    from django.utils.safestring import SafeString

    from crinale.services.protocol_office.queries import Choices, DossierChoice

_LONGEST_DOSSIER = 320  # a code and a title
_REQUIRED_CLASSIFICATION = _("Choose a heading of the filing plan.")


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


def moment_field(label: Any, *, required: bool = True) -> forms.DateTimeField:
    """A day and its time, in Rome."""
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


def text_field(
    label: Any, limit: int, remedy: Any, *, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    """One line of text; ``remedy`` is said when it is missing."""
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        help_text=help_text,
        error_messages={"required": remedy},
    )


def long_text_field(
    label: Any, limit: int, remedy: Any, *, help_text: Any = "", required: bool = True
) -> forms.CharField:
    """Some lines of text; ``remedy`` is said when they are missing."""
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": remedy},
    )


class SuggestingInput(forms.TextInput):
    """A line of text for which the browser suggests values, without scripts; any other may be written."""

    suggestions: tuple[str, ...] = ()

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Draw the line and what is suggested for it."""
        place = f"{(attrs or {}).get('id', name)}_offered"
        line = super().render(name, value, {**(attrs or {}), "list": place, "autocomplete": "off"}, renderer)
        options = format_html_join("", '<option value="{}">', ((one,) for one in self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', line, place, options)


class DossierField(forms.CharField):
    """An open dossier, by its code or by words of its title; its clean value is the dossier's id."""

    choice: DossierChoice | None = None

    def __init__(self, *, required: bool = True) -> None:
        """Say what to write."""
        super().__init__(
            label=_("Dossier"),
            required=required,
            max_length=_LONGEST_DOSSIER,
            help_text=_(
                "Its code, for example 2026-6.10.1, or words of its title. The newest are suggested."
            ),
            widget=SuggestingInput(),
            error_messages={"required": _("Choose a dossier.")},
        )

    @staticmethod
    def offer(form: forms.Form, choice: DossierChoice | None) -> None:
        """Let a form choose among the open dossiers."""
        if choice is None:
            return
        field = form.fields["dossier"]
        assert isinstance(field, DossierField)  # noqa: S101  declared so by the form
        assert isinstance(field.widget, SuggestingInput)  # noqa: S101  made so above
        field.choice, field.widget.suggestions = choice, choice.offered

    def clean(self, value: Any) -> str:
        """Return the id of the dossier that is meant."""
        text: str = super().clean(value)
        if not text or self.choice is None:
            return ""
        try:
            return str(self.choice.named(text))
        except Invalid as error:
            raise forms.ValidationError(sentence(error.remedy)) from error


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


def classification_field() -> forms.ChoiceField:
    """A heading of the filing plan."""
    return forms.ChoiceField(
        label=_("Classification"),
        widget=QuickSelect,
        error_messages={"required": _REQUIRED_CLASSIFICATION},
    )


def office_field(*, required: bool) -> forms.ChoiceField:
    """An office of the area."""
    return forms.ChoiceField(
        label=_("Office in charge"),
        widget=QuickSelect,
        required=required,
        error_messages={"required": _("Choose an office.")},
    )
