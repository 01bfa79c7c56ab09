"""How the node is set, to be read here and changed on the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crinale.kernel.errors import NotVisible
from crinale.services.console.ports import node_settings
from crinale.spine.identity.permissions import require

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.services.console.ports import Setting
    from crinale.ui.session import StaffRequest


@require_safe
def settings(request: StaffRequest) -> HttpResponse:
    """Show the settings, where each is from and how it is changed; those of other bodies are left out."""
    require(request.actor, "admin.areas", body_id=request.area.body_id)
    if not node_settings.is_bound:
        raise NotVisible
    groups = [
        (_(one.title), [(row, *_in_words(row)) for row in one.settings])
        for one in node_settings.get().groups(body_ipa=request.area.body_ipa)
    ]
    return render(request, "console/node_settings.html", {"groups": groups})


def _in_words(row: Setting) -> tuple[str, str, str, str]:
    values = {"set": _("set"), "not set": _("not set"), "yes": _("yes"), "no": _("no")}
    sources = {
        "file": _("written in node.toml"),
        "default": _("not written: the usual value"),
        "environment": _("from the environment of the service"),
        "secrets": _("secret: only whether it is there is shown"),
    }
    remedy = _(row.remedy) if row.remedy else ""
    return _(row.meaning), values.get(row.value, row.value), sources[row.source], remedy
