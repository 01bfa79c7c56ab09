"""Frozen days and emergencies of an area."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from crinale.kernel.digests import canonical_json, sha256
from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.lists import Page
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import EmergencyView
    from crinale.spine.records.queries import DocumentRef
    from crinale.spine.tenancy.queries import AreaRef

_DAYS = 31
_OMITTED: Final = "(riservato)"
# What a line of a day keeps of a confidential registration: what the printed register shows of it.
_LEFT: Final = (
    "number",
    "registered_at",
    "operator",
    "direction",
    "confidential",
    "classification",
    "emergency_number",
)


def daily_page(*, actor: Actor, area: AreaRef, before: str = "") -> Page:
    """Return a month of frozen days, the newest first."""
    days = protocol.daily_registers(actor=actor, area_id=area.id, before=_day(before), limit=_DAYS + 1)
    return Page(list(days[:_DAYS]), days[_DAYS - 1].day.isoformat() if len(days) > _DAYS else "")


def open_daily(*, actor: Actor, area: AreaRef, day: date, kind: str) -> tuple[DocumentRef, BinaryIO]:
    """Open the file of a frozen day; the reading is logged.

    The printed form masks confidential registrations; who may not see them gets the JSON masked as well, in
    a file of another name that says of which frozen file it is an extract.

    :raises NotVisible: when the day is not frozen or not to be seen.
    """
    found = protocol.daily_register(actor=actor, area_id=area.id, day=day)
    document_id = found.pdf_document_id if kind == "pdf" else found.json_document_id
    audit.access(actor=actor, what="daily_register", object_id=found.id)
    document = records.document(actor=actor, document_id=document_id)
    stream = records.open_document(actor=actor, document_id=document_id)
    if kind == "pdf" or permissions.allows(actor, "protocol.view_confidential", area_id=area.id):
        return document, stream
    with stream:
        return _masked(document, stream.read())


def _masked(document: DocumentRef, data: bytes) -> tuple[DocumentRef, BinaryIO]:
    """Return the file of a day as it is, or without what it tells of confidential registrations."""
    whole = json.loads(data)
    hidden = {line["number"] for line in whole["registrations"] if line["confidential"]}
    shown = {line["number"] for line in whole["registrations"]} - hidden
    lines = [_without_content(line) if line["confidential"] else line for line in whole["registrations"]]
    # Of a registration of another day the file does not tell whether it is confidential.
    annulments = [
        one
        if one["number"] in shown and whole["day"].startswith(f"{one['year']}-")
        else {**one, "reason": _OMITTED}
        for one in whole["annulments"]
    ]
    if not hidden and annulments == whole["annulments"]:
        return document, BytesIO(data)
    extract = canonical_json(
        {**whole, "extract_of": document.sha256, "registrations": lines, "annulments": annulments}
    )
    name = PurePath(document.file_name)
    changed = replace(
        document,
        file_name=f"{name.stem}-estratto{name.suffix}",
        sha256=sha256(extract).hex(),
        size=len(extract),
    )
    return changed, BytesIO(extract)


def _without_content(line: dict[str, Any]) -> dict[str, Any]:
    return {**{name: line[name] for name in _LEFT}, "subject": _OMITTED}


def emergencies(*, actor: Actor, area: AreaRef) -> list[EmergencyView]:
    """Return the interruptions, the newest first."""
    return protocol.emergencies(actor=actor, area_id=area.id)


def emergency(*, actor: Actor, area: AreaRef, emergency_id: UUID) -> EmergencyView:
    """Return an interruption to work on.

    :raises NotVisible: when it is not of this area, or the actor may not keep the emergency register.
    """
    permissions.require(actor, "protocol.emergency", area_id=area.id)
    for one in emergencies(actor=actor, area=area):
        if one.id == emergency_id:
            return one
    raise NotVisible


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
