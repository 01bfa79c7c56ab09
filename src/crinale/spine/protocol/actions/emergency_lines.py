"""Enter many lines of the emergency register at once: all of them, or none and the faults of each."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from crinale.kernel.errors import Conflict, Invalid
from crinale.kernel.numbers import format_number
from crinale.spine.protocol.actions.emergency import EmergencyLine, enter_emergency_registration
from crinale.spine.protocol.rules.emergency_lines import WrittenLine, read_line, rows
from crinale.spine.protocol.views import EnclosureData, ReceivedReference
from crinale.spine.records.actions import store_document

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import RegistrationView

# Where the columns of the table have other names than the fields of a registration.
_COLUMNS = {
    "number": "numero",
    "entered_on_paper_at": "ora",
    "direction": "flusso",
    "subject": "oggetto",
    "classification": "classificazione",
    "first_name": "nome",
    "name": "nome",
    "last_name": "cognome",
}


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line of the table: its line, the column when it is one, the remedy."""

    line: int
    column: str
    remedy: str


@dataclass(frozen=True, slots=True)
class EnteredLines:
    """What a table gave: the registrations, or the faults for which nothing was entered."""

    entered: tuple[RegistrationView, ...]
    faults: tuple[LineFault, ...]


def enter_emergency_lines(
    *, actor: Actor, emergency_id: UUID, text: str, dry_run: bool = False
) -> EnteredLines:
    """Enter the lines of a table (CSV), in the order of their emergency numbers; all or none.

    A dry run does the same and keeps nothing, so that it finds the same faults.

    :raises Invalid: when the table cannot be read at all.
    :raises NotVisible: when the emergency is not there or not to be kept by the actor.
    """
    found: list[RegistrationView] = []
    faults: list[LineFault] = []
    lines = _read(text, faults)
    with transaction.atomic():
        for line, written in lines:
            try:
                found.append(_enter(actor, emergency_id, written))
            except Invalid as error:
                field = error.field.rpartition(".")[2]
                faults.append(LineFault(line, _COLUMNS.get(field, field), error.remedy))
            except Conflict as error:
                faults.append(LineFault(line, "numero", str(error)))
        if faults or dry_run:
            transaction.set_rollback(True)
    faults.sort(key=lambda one: one.line)
    return EnteredLines(() if faults else tuple(found), tuple(faults))


def _read(text: str, faults: list[LineFault]) -> list[tuple[int, WrittenLine]]:
    lines: list[tuple[int, WrittenLine]] = []
    for line, row in rows(text):
        try:
            lines.append((line, read_line(row)))
        except Invalid as error:
            faults.append(LineFault(line, error.field, error.remedy))
    return sorted(lines, key=lambda one: one[1].number)


def _enter(actor: Actor, emergency_id: UUID, written: WrittenLine) -> RegistrationView:
    with transaction.atomic():
        document = store_document(
            actor=actor,
            file_name=f"registro-emergenza-{format_number(written.number)}.csv",
            stream=io.BytesIO(written.document),
        )
        line = _line(written, EnclosureData(document.id, _("Line of the emergency register; on paper")))
        return enter_emergency_registration(actor=actor, emergency_id=emergency_id, line=line)


def _line(written: WrittenLine, document: EnclosureData) -> EmergencyLine:
    arrived = written.direction == "incoming"
    known = arrived and (written.received_number or written.received_date)
    return EmergencyLine(
        number=written.number,
        entered_on_paper_at=written.at,
        direction=written.direction,
        subject=written.subject,
        classification=written.classification,
        documents=[document],
        sender=written.party if arrived else None,
        recipients=() if arrived else (written.party,),
        channel=written.channel,
        received=ReceivedReference(number=written.received_number, date=written.received_date)
        if known
        else None,
        confidential=written.confidential,
    )
