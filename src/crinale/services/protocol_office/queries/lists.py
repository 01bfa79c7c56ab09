"""Lists of the register: by direction, by search, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.queries import RegistrationFilter, RegistrationRow
from crinale.spine.protocol.queries.listing import NAMED
from crinale.spine.search import queries as index
from crinale.spine.search.queries import Position

if TYPE_CHECKING:
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.tenancy.queries import AreaRef

PAGE = 25
_BATCH = 100
_BATCHES = 5


@dataclass(frozen=True)
class Page:
    """Rows, and where the page after begins ("" when this is the last)."""

    rows: list[Any] = field(default_factory=list)
    older: str = ""


def directions() -> tuple[tuple[str, str], ...]:
    """Return the directions that a list can be narrowed to."""
    return (
        ("", _("All")),
        ("incoming", _("Incoming")),
        ("outgoing", _("Outgoing")),
        ("internal", _("Internal")),
    )


def register_page(
    *,
    actor: Actor,
    area: AreaRef,
    direction: str = "",
    year: int | None = None,
    dossier_id: UUID | None = None,
    before: str = "",
) -> Page:
    """Return a page of the register, the newest first."""
    narrowed = RegistrationFilter(
        direction=direction or None,  # type: ignore[arg-type]
        year=year,
        dossier_id=dossier_id,
    )
    return narrowed_page(actor=actor, area=area, narrowed=narrowed, before=before)


def narrowed_page(*, actor: Actor, area: AreaRef, narrowed: RegistrationFilter, before: str = "") -> Page:
    """Return a page of what the register is narrowed to, the newest first."""
    rows = protocol.registrations(
        actor=actor, area_id=area.id, narrowed=narrowed, before=number_before(before), limit=PAGE + 1
    )
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(list(rows[:PAGE]), f"{last.year}-{last.number}" if last else "")


def find(
    *, actor: Actor, area: AreaRef, text: str, direction: str, year: int | None, before: str = ""
) -> Page:
    """Find registrations by number, name or word; filters alone give the register narrowed by them.

    The index knows words, names, numbers and years; direction is looked up in the register, batch by batch.
    Where that takes too many batches the page says from where to go on, even if it has found nothing yet.
    """
    permissions.require(actor, "protocol.search", area_id=area.id)
    if not text:
        return register_page(actor=actor, area=area, direction=direction, year=year, before=before)
    restricted = permissions.allows(actor, "protocol.view_confidential", area_id=area.id)
    own = protocol.own_confidential(actor, area.id)
    position = _position_before(before)
    found: list[tuple[RegistrationView, Position]] = []
    for _batch in range(_BATCHES):
        hits = index.find(
            area_ids=[area.id],
            text=text,
            limit=_BATCH,
            before=position,
            include_restricted=restricted,
            year=year,
            own=own,
        )
        places = {hit.object_id: hit.position for hit in hits if hit.kind == "registration"}
        ids = _narrowed(list(places), direction)
        while ids and len(found) <= PAGE:
            needed = PAGE + 1 - len(found)
            views = protocol.registration_views(actor=actor, registration_ids=ids[:needed])
            found += [(one, places[one.id]) for one in views]
            ids = ids[needed:]
        position = hits[-1].position if len(hits) == _BATCH else None
        if len(found) > PAGE or position is None:
            break
    if len(found) > PAGE:
        position = found[PAGE - 1][1]
    older = _written(position) if position else ""
    return Page([_row(one) for one, _place in found[:PAGE]], older)


def _narrowed(ids: list[UUID], direction: str) -> list[UUID]:
    if not direction:
        return ids
    kept = protocol.those_of_direction(ids, direction)
    return [one for one in ids if one in kept]


def _row(one: RegistrationView) -> RegistrationRow:
    named = _correspondents(one)
    return RegistrationRow(
        id=one.id,
        area_id=one.area_id,
        year=one.year,
        number=one.number,
        registered_at=one.registered_at,
        direction=one.direction,
        subject=one.subject,
        confidential=one.confidential,
        classification_code=one.classification.code,
        correspondents=named[:NAMED],
        office_name=one.in_charge.office_name if one.in_charge else "",
        annulled=one.annulment is not None,
        documents=len(one.documents),
        more_correspondents=max(0, len(named) - NAMED),
        channel=one.channel,
    )


def _correspondents(one: RegistrationView) -> tuple[str, ...]:
    parties = {"incoming": one.senders, "outgoing": one.recipients}.get(
        one.direction, one.senders + one.recipients
    )
    return tuple(party.name for party in parties)


def number_before(text: str) -> tuple[int, int] | None:
    """Return the place in a list that an address names."""
    year, _dash, number = text.partition("-")
    return (int(year), int(number)) if year.isdecimal() and number.isdecimal() else None


def _position_before(text: str) -> Position | None:
    moment, _bar, identifier = text.partition("|")
    try:
        return Position(datetime.fromisoformat(moment), UUID(identifier))
    except ValueError:
        return None


def _written(position: Position) -> str:
    return f"{position.occurred_at.isoformat()}|{position.object_id}"
