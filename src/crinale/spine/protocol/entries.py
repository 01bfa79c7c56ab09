"""What the search index knows of a registration: number, subject, the names of its correspondents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.search.entries import Entry

if TYPE_CHECKING:
    from crinale.spine.protocol.views import RegistrationView

KIND = "registration"


def registration_entry(view: RegistrationView) -> Entry:
    """Describe a registration for the index; the area's own name would find everything, so it is left out."""
    others = view.senders if view.direction == "incoming" else view.recipients
    if view.direction == "internal":
        others = view.senders + view.recipients
    return Entry(
        area_id=view.area_id,
        kind=KIND,
        object_id=view.id,
        year=view.year,
        number=view.number,
        title=view.subject,
        names=", ".join(dict.fromkeys(one.name for one in others)),
        restricted=view.confidential,
        occurred_at=view.registered_at,
    )
