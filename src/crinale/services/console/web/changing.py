"""The page that every change of the console goes through: what ends, what stays, a form, one action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render

from crinale.kernel.errors import Conflict, Invalid
from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpResponse

    from crinale.ui.forms import AccessibleForm
    from crinale.ui.session import StaffRequest

# The fields of the spine's errors under the names that they have in these forms.
_FIELDS = {
    "valid_to": "last_day",
    "substitute": "substitute_id",
    "parent": "parent_id",
    "office": "office_id",
    "area": "area_id",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a page of a change says. ``ends`` is what will be over, ``stays`` what remains nevertheless."""

    heading: str
    button: str
    back_url: str
    back_label: str
    explanation: str = ""
    ends: Sequence[str] = ()
    stays: Sequence[str] = ()
    danger: bool = False


def change(
    request: StaffRequest,
    form: AccessibleForm,
    page: Change,
    act: Callable[[dict[str, Any]], str | None],
    *,
    done: str,
) -> HttpResponse:
    """Show a form, and do what it asks; ``act`` may return where to go afterwards."""
    if request.method == "POST" and form.is_valid():
        try:
            target = act(form.cleaned_data)
        except Invalid as error:
            form.refuse(Invalid(_FIELDS.get(error.field, error.field), error.remedy))
        except Conflict as error:
            form.add_error(None, sentence(str(error)))
        else:
            messages.success(request, done)
            return redirect(target or page.back_url)
    context = {"form": form, "page": page}
    return render(request, "console/change.html", context, status=422 if form.errors else 200)
