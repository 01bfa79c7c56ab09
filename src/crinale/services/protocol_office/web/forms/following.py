"""The forms with which incidents are followed (Allegato 6 AgID section 3.3) and dossiers kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crinale.services.protocol_office.web.forms.fields import (
    DossierField,
    long_text_field,
    moment_field,
)
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries import DossierChoice


class WorkaroundForm(AccessibleForm):
    """What the other side proposed meanwhile, and when it expects to be back."""

    workaround = long_text_field(
        _("What the other administration proposed"),
        2000,
        _("Write what the other administration proposed."),
        help_text=_("For example: send by certified mail until Thursday."),
    )
    restore_expected_at = moment_field(_("When it expects to work again"), required=False)


class CloseIncidentForm(AccessibleForm):
    """How an incident ended."""

    note = long_text_field(
        _("How it ended"),
        2000,
        _("Write how the incident ended."),
        help_text=_("It stays in the story of the incident. Closing does not cancel the document."),
    )


class FileForm(AccessibleForm):
    """The dossier in which a registration is put."""

    dossier = DossierField()

    def __init__(self, *args: Any, dossiers: DossierChoice, **kwargs: Any) -> None:
        """Offer the open dossiers of the area."""
        super().__init__(*args, **kwargs)
        DossierField.offer(self, dossiers)
