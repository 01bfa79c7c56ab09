"""The filing plan (titolario) as the pages show it: headings and their dossiers, editions, differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.records.queries import EditionHeading, EditionRef, PlanDifference
    from crinale.spine.tenancy.queries import AreaRef


@dataclass(frozen=True)
class HeadingRow:
    """A heading of an edition; ``count`` are the dossiers under it, ``today`` the codes where it goes on."""

    heading: EditionHeading
    count: int
    today: tuple[str, ...]


@dataclass(frozen=True)
class PlanPage:
    """An edition with the headings that were looked for, and all the editions."""

    edition: EditionRef | None
    rows: list[HeadingRow]
    editions: list[EditionRef]


def plan_page(*, actor: Actor, area: AreaRef, plan_id: UUID | None = None, text: str = "") -> PlanPage:
    """Return an edition, the one in force if none is named; ``text`` narrows it, keeping what is above.

    :raises NotVisible: when there is no such edition.
    """
    editions = records.editions(actor=actor)
    if plan_id is None:
        edition = next((one for one in editions if one.state == "in_force"), None)
    else:
        edition = next((one for one in editions if one.id == plan_id), None)
        if edition is None:
            raise NotVisible
    if edition is None:
        return PlanPage(None, [], editions)
    headings = _narrowed(records.edition_headings(actor=actor, plan_id=edition.id), text)
    counts = records.dossier_counts(actor=actor, area_id=area.id)
    past = edition.state == "past"
    today = records.headings_today(one.id for one in headings) if past else {}
    rows = [HeadingRow(one, counts.get(one.id, 0), today.get(one.id, ())) for one in headings]
    return PlanPage(edition, rows, editions)


def edition(*, actor: Actor, plan_id: UUID) -> EditionRef:
    """Return an edition.

    :raises NotVisible: when there is none.
    """
    found = next((one for one in records.editions(actor=actor) if one.id == plan_id), None)
    if found is None:
        raise NotVisible
    return found


def edition_difference(*, actor: Actor, plan_id: UUID) -> PlanDifference:
    """Return what an edition changed of the one before it."""
    return records.edition_difference(actor=actor, plan_id=plan_id)


def plan_difference(*, actor: Actor, text: str) -> PlanDifference:
    """Return what an edition would change of the one in force."""
    return records.plan_difference(actor=actor, text=text)


def _narrowed(headings: list[EditionHeading], text: str) -> list[EditionHeading]:
    wanted = text.strip().casefold()
    if not wanted:
        return headings
    found = {one.code for one in headings if one.code == wanted or wanted in one.title.casefold()}
    above = {".".join(code.split(".")[:depth]) for code in found for depth in range(1, code.count(".") + 1)}
    return [one for one in headings if one.code in found | above]
