"""Template tags and filters of the interface: icons, fields, error summary, dates as people read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms, template
from django.templatetags.static import static
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.utils.safestring import SafeString

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_KILO = 1000
_REPEATED = re.compile(r"^(.+) - (.+), \1$")


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Draw a decorative icon of the Bootstrap Italia sprite; the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#it-{}"></use></svg>',
        classes,
        static("bootstrap-italia/svg/sprites.svg"),
        name,
    )


@register.inclusion_tag("crinale/components/field.html")
def field(bound: forms.BoundField, classes: str = "") -> dict[str, Any]:
    """Draw one field: label, help, input, errors; tied together by ids."""
    widget = bound.field.widget
    return {
        "field": bound,
        "classes": classes,
        "is_check": isinstance(widget, forms.CheckboxInput),
        "is_group": isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple),
        "optional": not bound.field.required and not isinstance(widget, forms.CheckboxInput),
    }


@register.inclusion_tag("crinale/components/error_summary.html")
def error_summary(form: forms.BaseForm, kept: str = "") -> dict[str, Any]:
    """Draw the summary of the errors of a form; it takes the focus. ``kept`` says what was not lost."""
    return {
        "form": form,
        "kept": kept,
        "count": sum(len(errors) for errors in form.errors.values()),
        "fields": [bound for bound in form if bound.errors],
    }


@register.filter
def day(value: datetime | date | None) -> str:
    """Write a day in words, in Rome: ``14 agosto 2026``."""
    if value is None:
        return ""
    if hasattr(value, "astimezone"):
        value = value.astimezone(clock.ROME)
    # Italian months are written small; Django's catalogue gives them a capital.
    words = formats.date_format(value, "j F Y", use_l10n=False)
    return words.lower() if get_language() == "it" else words


@register.filter
def short_day(value: datetime | date | None) -> str:
    """Write a day in figures, in Rome: ``14/08/2026``."""
    if value is None:
        return ""
    if hasattr(value, "astimezone"):
        value = value.astimezone(clock.ROME)
    return value.strftime("%d/%m/%Y")


@register.filter
def clock_time(value: datetime | None) -> str:
    """Write the time of the day, in Rome: ``09:31``."""
    return "" if value is None else value.astimezone(clock.ROME).strftime("%H:%M")


@register.filter
def instant(value: datetime | None) -> str:
    """Write an instant as day and time, in Rome: ``14 agosto 2026, 09:31``."""
    return "" if value is None else f"{day(value)}, {clock_time(value)}"


@register.filter
def machine_instant(value: datetime | None) -> str:
    """Write an instant for the ``datetime`` attribute (RFC 3339)."""
    return "" if value is None else value.astimezone(clock.ROME).isoformat(timespec="seconds")


@register.filter
def age(value: datetime | None) -> str:
    """Say how long ago something happened: ``3 giorni``."""
    if value is None:
        return ""
    seconds = max(0, int((clock.now() - value).total_seconds()))
    if seconds < _MINUTE:
        return _("less than a minute")
    if seconds < _HOUR:
        minutes = seconds // _MINUTE
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds < 2 * _DAY:
        hours = seconds // _HOUR
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = seconds // _DAY
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.filter
def file_size(value: int) -> str:
    """Write the size of a file: ``32 byte``, ``1,5 MB``."""
    amount = float(value)
    if amount < _KILO:
        return ngettext("%(n)d byte", "%(n)d bytes", value) % {"n": value}
    for unit in ("kB", "MB", "GB"):
        amount /= _KILO
        if amount < _KILO or unit == "GB":
            break
    return f"{formats.number_format(round(amount, 1), decimal_pos=0 if amount >= 10 else 1)} {unit}"


@register.filter
def unrepeated(value: str | Iterable[str]) -> str:
    """Leave out what an area's name repeats: ``Comune di Montieri - Protocollo, Comune di Montieri``."""
    names = [value] if isinstance(value, str) else value
    return ", ".join(_REPEATED.sub(r"\1 - \2", name) for name in names)
