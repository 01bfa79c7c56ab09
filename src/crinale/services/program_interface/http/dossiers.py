"""Dossiers, the filing plan and the offices of an area."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from crinale.services.program_interface.http import resources, views
from crinale.services.program_interface.http.cursors import no_cursor, read_cursor, write_cursor
from crinale.services.program_interface.http.operations import AREA, JSON, Call, Operation, Reply
from crinale.spine.identity import permissions
from crinale.spine.records import actions, queries
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Sequence


def listed(call: Call) -> Reply:
    asked: resources.DossiersAsked = call.query
    rows = queries.dossiers(
        actor=call.actor,
        area_id=call.area.id,
        text=asked.text,
        before=_place_of(asked.cursor),
        limit=asked.limit + 1,
    )
    shown: Sequence[queries.DossierRef] = rows[: asked.limit]
    last = shown[-1] if len(rows) > asked.limit else None
    following = write_cursor([last.opened_at.isoformat(), str(last.id)]) if last else None
    return Reply(content=resources.Dossiers(items=tuple(map(views.dossier, shown)), next=following))


def opened(call: Call) -> Reply:
    asked: resources.NewDossier = call.body
    made = actions.open_dossier(
        actor=call.actor, area_id=call.area.id, title=asked.title, classification_code=asked.classification
    )
    return Reply(content=views.dossier(made), location=call.address(f"/dossiers/{made.id}"), made=made.id)


def opened_before(call: Call) -> Reply:
    assert call.made is not None  # noqa: S101  kept with the answer
    return Reply(content=views.dossier(queries.dossier(actor=call.author, dossier_id=call.made)))


def read_one(call: Call) -> Reply:
    found = queries.dossier(actor=call.actor, dossier_id=call.ids["dossier_id"])
    permissions.require(call.actor, "protocol.view", area_id=call.area.id)
    if found.area_id != call.area.id:
        raise permissions.Forbidden
    return Reply(content=views.dossier(found))


def filing_plan(_call: Call) -> Reply:
    return Reply(
        content=resources.FilingPlan(
            items=tuple(
                resources.Heading(code=one.code, title=one.title, path=one.path)
                for one in queries.classifications()
            )
        )
    )


def offices(call: Call) -> Reply:
    return Reply(
        content=resources.Offices(
            items=tuple(
                resources.Office(code=one.code, name=one.name)
                for one in tenancy.offices(area_id=call.area.id)
            )
        )
    )


def _place_of(cursor: str) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    try:
        moment, identifier = read_cursor(cursor)
        found = datetime.fromisoformat(moment), UUID(identifier)
    except (ValueError, TypeError, AttributeError):
        raise no_cursor() from None
    if found[0].tzinfo is None or not 1900 <= found[0].year <= 2200:
        raise no_cursor()
    return found


OPERATIONS: Final = (
    Operation(
        name="list_dossiers",
        method="GET",
        path=f"{AREA}/dossiers",
        summary="List dossiers, the newest first",
        scope="protocol.read",
        run=listed,
        query=resources.DossiersAsked,
        answers=resources.Dossiers,
    ),
    Operation(
        name="open_dossier",
        method="POST",
        path=f"{AREA}/dossiers",
        summary="Open a dossier",
        scope="protocol.classify",
        run=opened,
        body=resources.NewDossier,
        takes=(JSON,),
        answers=resources.Dossier,
        status=201,
        key="optional",
        again=opened_before,
    ),
    Operation(
        name="get_dossier",
        method="GET",
        path=f"{AREA}/dossiers/{{dossier_id}}",
        summary="Read a dossier",
        scope="protocol.read",
        run=read_one,
        answers=resources.Dossier,
    ),
    Operation(
        name="get_filing_plan",
        method="GET",
        path=f"{AREA}/filing-plan",
        summary="Read the open headings of the filing plan in force",
        scope="protocol.read",
        run=filing_plan,
        answers=resources.FilingPlan,
    ),
    Operation(
        name="list_offices",
        method="GET",
        path=f"{AREA}/offices",
        summary="List the offices of the area",
        scope="protocol.read",
        run=offices,
        answers=resources.Offices,
    ),
)
