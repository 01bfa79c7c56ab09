"""Dossiers (fascicoli) of an area and what they hold (DPR 445/2000 art. 64 and 65)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.choosing import dossier_choice
from crinale.services.protocol_office.queries.lists import PAGE, Page, register_page
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.queries.choosing import DossierChoice
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.records.queries import DossierRef
    from crinale.spine.tenancy.queries import AreaRef


def dossier_page(
    *, actor: Actor, area: AreaRef, text: str = "", closed: bool | None = None, before: str = ""
) -> Page:
    """Return a page of the dossiers of an area, the newest first."""
    rows = records.dossiers(
        actor=actor, area_id=area.id, text=text, closed=closed, before=_instant(before), limit=PAGE + 1
    )
    return Page(list(rows[:PAGE]), rows[PAGE - 1].opened_at.isoformat() if len(rows) > PAGE else "")


def dossier(*, actor: Actor, area: AreaRef, dossier_id: UUID) -> DossierRef:
    """Return a dossier of this area.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = records.dossier(actor=actor, dossier_id=dossier_id)
    if found.area_id != area.id:
        raise NotVisible
    return found


def registrations_of_dossier(*, actor: Actor, area: AreaRef, dossier_id: UUID, before: str = "") -> Page:
    """Return a page of what a dossier holds, the newest first."""
    return register_page(actor=actor, area=area, dossier_id=dossier_id, before=before)


def dossiers_for(*, actor: Actor, area: AreaRef, one: RegistrationView) -> DossierChoice:
    """Return the open dossiers in which a registration may be put: those that hold it are not offered."""
    return dossier_choice(actor=actor, area=area, but={held.id for held in one.dossiers})


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
