"""Where a person of the staff may work: the areas of the bodies for which he holds a grant today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef


def areas_of(actor: Actor) -> list[AreaRef]:
    """Return the areas where the actor holds a grant; a grant without an area covers the whole body."""
    whole_bodies = {grant.body_id for grant in actor.grants if grant.area_id is None}
    single_areas = {grant.area_id for grant in actor.grants if grant.area_id is not None}
    return [area for area in tenancy.areas() if area.body_id in whole_bodies or area.id in single_areas]
