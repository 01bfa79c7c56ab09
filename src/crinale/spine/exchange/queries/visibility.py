"""Which messages an actor may see: a confidential document leaves no trace for those who may not see it.

The rule is that of the register (``protocol.queries.visibility``). Before there is a registration, a message
is seen by those who decide whether to register (``protocol.register_incoming``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from crinale.kernel.errors import NotVisible
from crinale.spine.identity.permissions import allows, require
from crinale.spine.protocol.queries import visibility as registered

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
    return seen | registered.concerns(actor, of=f"{of}registration__")


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
    elif not registered.is_own(actor, kept):
        raise NotVisible
