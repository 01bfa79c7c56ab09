"""Bring areas into the index: what is new, what changes, what is refused and why, row by row."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from django.db import connection, transaction

from crinale.kernel import clock
from crinale.kernel.digests import canonical_json, sha256
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import audit, tenancy
from crinale.spine.exchange import facts
from crinale.spine.exchange.models import IndexedArea, IndexState
from crinale.spine.exchange.rules.index import AreaEntry, area_to_json, check_area, keep_what_is_missing
from crinale.spine.identity import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Source = Literal["ipa", "hub", "enrolment", "demo"]
_LOCK: Final = 0x6372_6978
_SYSTEM = Actor.system("exchange")


@dataclass(slots=True)
class ImportReport:
    """What an import did, row by row; ``refused`` holds (line, field, reason)."""

    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)

    def count(self, outcome: Literal["accepted", "updated", "unchanged"]) -> None:
        """Count one good row."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def good(self) -> int:
        """Rows that are in the index now."""
        return self.accepted + self.updated + self.unchanged


def import_areas(
    entries: Iterable[tuple[int, AreaEntry]],
    *,
    source: Source,
    actor: Actor = _SYSTEM,
    report: ImportReport | None = None,
) -> ImportReport:
    """Bring areas into the index; each comes with its line number for the report.

    What the source does not say about a known area (certificates, for the IPA) stays as it was. The IPA only
    describes: an area that the hub or its node brought in stays theirs, and one that was withdrawn stays
    withdrawn.
    """
    report = report or ImportReport()
    good: dict[str, AreaEntry] = {}
    for line, entry in entries:
        try:
            checked = check_area(entry)
        except Invalid as objection:
            report.refused.append((line, objection.field, objection.remedy))
            continue
        if checked.aoo_code in good:
            report.refused.append((line, "aoo_code", "the same area stands twice in the file"))
            continue
        good[checked.aoo_code] = checked
    with tenancy.no_scope(), transaction.atomic():
        lock_index()
        write_areas(list(good.values()), source=source, report=report)
        close_import(report, table="areas", source=source, actor=actor, entries=good.values())
    return report


def withdraw_area(*, aoo_code: str, actor: Actor = _SYSTEM) -> None:
    """Take an area out of the index: it is neither found nor sent to nor believed any more.

    On the hub; the nodes hear of it with the next edition. Its node can be enrolled again.

    :raises NotVisible: when the index has no such area.
    :raises Conflict: when the area came from the hub, which alone can withdraw it.
    """
    with tenancy.no_scope(), transaction.atomic():
        lock_index()
        row = IndexedArea.objects.filter(aoo_code=aoo_code.strip().upper(), active=True).first()
        if row is None:
            raise NotVisible
        if row.source == "hub":
            raise Conflict("This area came from the hub: withdraw it there.")
        row.active, row.as_of = False, clock.now()
        row.save(update_fields=["active", "as_of"])
        fact = facts.AreaWithdrawn(subject_id=row.id, aoo_code=row.aoo_code, source=row.source)
        audit.write(fact, actor=actor)


def lock_index() -> None:
    """One change of the index at a time, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def entry_of(row: IndexedArea) -> AreaEntry:
    return AreaEntry(
        ipa_code=row.ipa_code,
        body_name=row.body_name,
        aoo_code=row.aoo_code,
        aoo_name=row.aoo_name,
        former_aoo_code=row.former_aoo_code,
        endpoint=row.endpoint,
        organization_identifier=row.organization_identifier,
        seal_certificates=tuple(row.seal_certificates),
        message_certificates=tuple(row.message_certificates),
        emails=tuple(row.emails),
        phone=row.phone,
        address=row.address,
        responsible=row.responsible,
    )


def _row_of(entry: AreaEntry, *, source: str, known: IndexedArea | None) -> IndexedArea:
    row = IndexedArea(id=new_id(), source=source, as_of=clock.now(), search_text=entry.search_text)
    if known is not None and source == "ipa":
        row.source, row.active = known.source, known.active
    for name, value in area_to_json(entry).items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.message_fingerprints = [sha256(b64decode(one)).hex() for one in entry.message_certificates]
    return row


_AREA_FIELDS: Final = [
    one.name
    for one in IndexedArea._meta.concrete_fields  # noqa: SLF001  the public way to a model's columns
    if one.name not in {"id", "aoo_code"}
]


def write_areas(
    entries: Sequence[AreaEntry], *, source: Source, report: ImportReport, whole: bool = False
) -> None:
    """Insert and update; with ``whole`` the entries replace what the same source said before.

    Fields that the new entries leave out are emptied then.
    """
    known = {
        row.aoo_code: row for row in IndexedArea.objects.filter(aoo_code__in=[e.aoo_code for e in entries])
    }
    changed: list[IndexedArea] = []
    for entry in entries:
        row = known.get(entry.aoo_code)
        old = entry_of(row) if row else None
        new = keep_what_is_missing(entry, old) if old and not whole else entry
        if row is not None and new == old and _stands(row, source=source, whole=whole):
            report.count("unchanged")
            continue
        report.count("updated" if row else "accepted")
        changed.append(_row_of(new, source=source, known=row))
    IndexedArea.objects.bulk_create(
        changed,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["aoo_code"],
        update_fields=_AREA_FIELDS,
    )


def _stands(row: IndexedArea, *, source: Source, whole: bool) -> bool:
    """Whether a row that says the same already needs no change."""
    return source == "ipa" or (row.active and (row.source == source or not whole))


def close_import(
    report: ImportReport, *, table: str, source: str, actor: Actor, entries: Iterable[Any]
) -> None:
    IndexState.objects.update_or_create(
        source=source if table == "areas" else f"{source}-{table}",
        defaults={"as_of": clock.now(), "checked_at": clock.now(), "rows": report.good},
    )
    audit.write(
        facts.IndexImported(
            source=source,
            table=table,
            accepted=report.accepted,
            updated=report.updated,
            refused=len(report.refused),
            sha256=sha256(canonical_json([asdict(one) for one in entries])).hex(),
        ),
        actor=actor,
    )
