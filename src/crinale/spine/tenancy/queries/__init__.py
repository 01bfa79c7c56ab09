"""Questions about bodies, areas and offices: public facts of the node, so no permission is needed."""

from __future__ import annotations

from crinale.spine.tenancy.queries.bodies import (
    AreaRef,
    BodyRef,
    area,
    area_by_code,
    areas,
    bodies,
    body,
    body_by_ipa_code,
    members,
)
from crinale.spine.tenancy.queries.offices import (
    OfficeNode,
    OfficeRef,
    PlaceView,
    office,
    office_body,
    office_history,
    office_names,
    offices,
    organigram,
)

__all__ = [
    "AreaRef",
    "BodyRef",
    "OfficeNode",
    "OfficeRef",
    "PlaceView",
    "area",
    "area_by_code",
    "areas",
    "bodies",
    "body",
    "body_by_ipa_code",
    "members",
    "office",
    "office_body",
    "office_history",
    "office_names",
    "offices",
    "organigram",
]
