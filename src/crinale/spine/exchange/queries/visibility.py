"""Which messages an actor may see: a confidential document leaves no trace for those who may not see it.

The rule is that of the register (``protocol.queries``): a confidential registration is seen by whoever may
see all of them, registered it or is in charge of it. Before there is a registration, by those who decide
whether to register (``protocol.register_incoming``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from crinale.kernel.errors import NotVisible
from crinale.spine.identity.permissions import allows, require

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.models import Message
    from crinale.spine.identity import Actor


def visible(actor: Actor, area_id: UUID, *, of: str = "") -> Q:
    """Return the condition on the messages of an area; ``of`` is the way to them from another table.

    :raises NotVisible: when the actor may not see the exchanges of the area.
    """
    require(actor, "exchange.view", area_id=area_id)
    if allows(actor, "protocol.view_confidential", area_id=area_id):
        return Q()
    seen = Q(**{f"{of}confidential": False})
    if allows(actor, "protocol.register_incoming", area_id=area_id):
        seen |= Q(**{f"{of}registration": None})
    if actor.person_id is not None:
        seen |= Q(**{f"{of}registration__registered_by": actor.person_id})
        seen |= Q(**{f"{of}registration__current_person": actor.person_id})
    return seen


def require_visible(actor: Actor, message: Message) -> None:
    """Refuse who may not see a message.

    :raises NotVisible: the same answer as for a message that does not exist.
    """
    require(actor, "exchange.view", area_id=message.area_id)
    if not message.confidential or allows(actor, "protocol.view_confidential", area_id=message.area_id):
        return
    kept = message.registration
    if kept is None:
        require(actor, "protocol.register_incoming", area_id=message.area_id)
    elif actor.person_id is None or actor.person_id not in {kept.registered_by, kept.current_person}:
        raise NotVisible
