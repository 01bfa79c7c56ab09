"""How a form is acted upon and answered: the change it asks for, or its errors with status 422."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crinale.kernel.errors import Conflict, Invalid
from crinale.ui.sentences import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.ui.forms import AccessibleForm

_UNPROCESSABLE = 422


def changed(form: AccessibleForm, change: Callable[[dict[str, Any]], None]) -> bool:
    """Perform the change that a valid form asks for, or show at its field why it cannot be."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        change(form.cleaned_data)
    except Invalid as error:
        form.refuse(error)
    except Conflict as error:
        form.add_error(None, said(str(error)))
    else:
        return True
    return False


def status_of(form: AccessibleForm) -> int:
    """Return the HTTP status of a page with this form."""
    return _UNPROCESSABLE if form.is_bound and form.errors else 200


def pager(base: str, before: str, older: str) -> dict[str, str]:
    """Return the links of a list that goes on: to its beginning, to what is older."""
    return {
        "newer_url": base if before else "",
        "older_url": f"{base}&{urlencode({'before': older})}" if older else "",
    }
