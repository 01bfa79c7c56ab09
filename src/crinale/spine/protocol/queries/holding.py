"""Which registrations hold a document, by its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crinale.spine.protocol.models import Enclosure
from crinale.spine.protocol.queries.registration import registration_views
from crinale.spine.protocol.queries.visibility import seen_by

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import RegistrationView

_MOST: Final = 200


def registrations_holding(*, actor: Actor, area_id: UUID, sha256: str) -> list[RegistrationView]:
    """Return the registrations of an area that hold a document and that the actor may see, newest first.

    One form sent to everybody is in many registrations: the newest ones are enough to read it.
    """
    seen = seen_by(actor, area_id, of="registration__")
    found = Enclosure.objects.filter(seen, registration__area_id=area_id, document__sha256=sha256)
    ids = found.order_by("-registration__registered_at").values_list("registration_id", flat=True)
    return registration_views(actor=actor, registration_ids=list(ids[:_MOST]))
