"""Copies of the register: at once when they are small, by a job when they are large. Each is noted."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from uuid import UUID

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine import audit, jobs
from crinale.spine.identity.queries import actor_for_person
from crinale.spine.protocol.models import ExportPart, ExportState, RegisterExport
from crinale.spine.protocol.queries.copies import CopyView, copy_view
from crinale.spine.protocol.queries.copy_rows import copy_rows
from crinale.spine.protocol.queries.listing import RegistrationFilter, registration_count
from crinale.spine.protocol.register_files import MEDIA_TYPES, CopyHeader, extension_of, write_copy
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries.copy_rows import CopyRow
    from crinale.spine.tenancy.queries import AreaRef

KINDS: Final = ("csv", "ods", "pdf")
AT_ONCE: Final = 500
KEPT: Final = timedelta(days=3)
_NOBODY: Final = UUID(int=0)  # who is no person gets his copies at once: none is kept
_PART: Final = 1 << 20
_TELL: Final = 1000


def copy_register(
    *, actor: Actor, area_id: UUID, kind: str, narrowed: RegistrationFilter
) -> tuple[CopyView, BinaryIO | None]:
    """Make a copy of the register: return its file, or None with the copy that a job is going to write.

    The copy that comes with its file is not kept. Whoever asks is noted in the access log.

    :raises NotVisible: when the actor may not see the area's registrations.
    :raises Invalid: when no file of this kind is made, or the days are the wrong way round.
    """
    if kind not in KINDS:
        raise Invalid("kind", f"choose one of {', '.join(KINDS)}")
    if narrowed.since and narrowed.until and narrowed.until < narrowed.since:
        raise Invalid("until", "the last day cannot come before the first")
    total = registration_count(actor=actor, area_id=area_id, narrowed=narrowed).count
    export = _export(actor, area_id, kind, narrowed, total)
    _note(actor, export)
    if total > AT_ONCE and actor.person_id is not None:
        with transaction.atomic():
            export.save(force_insert=True)
            from crinale.spine.protocol.jobs import write_export

            jobs.enqueue(write_export, body_id=export.body_id, export_id=export.id)
        return copy_view(export), None
    target: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    rows = copy_rows(actor=actor, area_id=area_id, narrowed=narrowed)
    write_copy(kind, rows, target, header=_header(export), total=total)
    export.size = target.tell()
    target.seek(0)
    return copy_view(export), target


def write_copy_in_parts(*, export_id: UUID) -> None:
    """Write a copy that waits, as who asked for it: what he may see when it is written counts."""
    export = RegisterExport.objects.filter(id=export_id, state=ExportState.WAITING).first()
    if export is None:
        return
    try:
        _write(export)
    except BaseException:
        RegisterExport.objects.filter(id=export_id, state=ExportState.WAITING).update(
            state=ExportState.FAILED, ended_at=clock.now()
        )
        raise


def note_download(*, actor: Actor, export_id: UUID) -> None:
    """Note that somebody took the file of his copy."""
    export = RegisterExport.objects.filter(id=export_id, person=actor.person_id or _NOBODY).first()
    if export is None:
        raise NotVisible
    _note(actor, export)


def forget_copies() -> int:
    """Forget the copies of the open scope that were asked for some days ago."""
    old = RegisterExport.objects.filter(asked_at__lt=clock.now() - KEPT)
    return old.delete()[0]


def _write(export: RegisterExport) -> None:
    actor = actor_for_person(export.person)
    narrowed = _read(export.narrowed)
    rows = copy_rows(actor=actor, area_id=export.area_id, narrowed=narrowed)
    with tempfile.TemporaryFile() as target:
        write_copy(export.kind, _counted(export, rows), target, header=_header(export), total=export.total)
        size = target.tell()
        target.seek(0)
        with transaction.atomic():
            for sequence, data in enumerate(iter(lambda: target.read(_PART), b"")):
                ExportPart(export=export, sequence=sequence, data=data).save(force_insert=True)
            RegisterExport.objects.filter(id=export.id).update(
                state=ExportState.READY, size=size, ended_at=clock.now()
            )


def _counted(export: RegisterExport, rows: Iterator[CopyRow]) -> Iterator[CopyRow]:
    for count, row in enumerate(rows, start=1):
        yield row
        if count % _TELL == 0:
            RegisterExport.objects.filter(id=export.id).update(written=count)


def _export(
    actor: Actor, area_id: UUID, kind: str, narrowed: RegistrationFilter, total: int
) -> RegisterExport:
    extension, today = extension_of(kind, total), clock.today()
    area = _area(area_id)
    return RegisterExport(
        area_id=area_id,
        person=actor.person_id or _NOBODY,
        person_name=actor.name[:200],
        kind=kind,
        narrowed=_json(narrowed),
        total=total,
        file_name=f"registro-{area.code}-{today.isoformat()}.{extension}",
        media_type=MEDIA_TYPES[extension],
        asked_at=clock.now(),
    )


def _note(actor: Actor, export: RegisterExport) -> None:
    asked = ", ".join(f"{name} {value}" for name, value in export.narrowed.items())
    audit.access(
        actor=actor,
        what="register_copy",
        object_id=export.area_id,
        reason=f"{export.kind}, {export.total}: {asked or 'tutto il registro'}"[:300],
    )


def _header(export: RegisterExport) -> CopyHeader:
    area = _area(export.area_id)
    since, until = (
        f"{date.fromisoformat(export.narrowed[name]):%d/%m/%Y}" if export.narrowed.get(name) else ""
        for name in ("since", "until")
    )
    days = f"{f'dal {since} ' if since else ''}{f'al {until}' if until else ''}".strip()
    narrowed = " (parte)" if export.narrowed.keys() - {"since", "until"} else ""
    return CopyHeader(area.body_name, area.code, area.name, f"{days or 'tutto il registro'}{narrowed}")


def _area(area_id: UUID) -> AreaRef:
    found = tenancy.area(area_id)
    if found is None:
        raise NotVisible
    return found


def _json(narrowed: RegistrationFilter) -> dict[str, Any]:
    unset = asdict(RegistrationFilter())
    return {
        name: value if isinstance(value, str | int) else str(value)
        for name, value in asdict(narrowed).items()
        if value != unset[name]
    }


def _read(known: dict[str, Any]) -> RegistrationFilter:
    values = dict(known)
    for name in ("since", "until"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    for name in ("office_id", "person_id", "dossier_id"):
        if name in values:
            values[name] = UUID(values[name])
    return RegistrationFilter(**values)
