"""The address book of the body as its pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.services.protocol_office.queries.reading import may
from crinale.spine.protocol.queries import address_book as book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData
    from crinale.spine.protocol.queries.address_book import GroupView
    from crinale.spine.tenancy.queries import AreaRef


def groups(*, actor: Actor, area: AreaRef) -> list[GroupView]:
    """Return the groups of an area; none to who may not see its registrations."""
    return book.groups(actor=actor, area_id=area.id) if may(actor, "protocol.view", area) else []


def members_of(*, actor: Actor, group_ids: Sequence[UUID]) -> list[PartyData]:
    """Return who is in some groups, each once.

    :raises NotVisible: when one of them is not in use.
    """
    return book.members_of(actor=actor, group_ids=group_ids)
