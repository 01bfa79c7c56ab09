"""The base of forms: inputs marked for Bootstrap Italia and assistive technology, errors of the spine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from django.forms.renderers import BaseRenderer
    from django.utils.safestring import SafeString

    from crinale.kernel.errors import Invalid

_CHECKS = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)


class QuickSelect(forms.Select):
    """A select of many options, written at once: Django draws a template for each of them."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002  Django passes it
    ) -> SafeString:
        """Draw the select; groups of options are not for it."""
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) == chosen else "", label)
                for key, label in self.choices
            ),
        )
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name})),
            options,
        )


class AccessibleForm(forms.Form):
    """A form whose errors name the field and the remedy, with inputs that work without scripts."""

    use_required_attribute = (
        False  # the server's summary is clearer than the browser's bubbles, and translated
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give each widget its class."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, _CHECKS) or widget.is_hidden:
                continue
            name = "form-select" if isinstance(widget, forms.Select) else "form-control"
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} {name}".strip()

    def refuse(self, error: Invalid) -> None:
        """Show an error that an action raised, at its field when the form has it, else on top.

        An error of ``recipients.0.name`` is shown at ``recipients``.
        """
        name = error.field.split(".")[0]
        self.add_error(name if name in self.fields else None, sentence(error.remedy))
