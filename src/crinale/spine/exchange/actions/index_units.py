"""Bring administrations and organisational units of the IPA into the index."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction

from crinale.kernel import clock
from crinale.spine import tenancy
from crinale.spine.exchange.actions.index import ImportReport, close_import, lock_index
from crinale.spine.exchange.models import IndexedBody, IndexedOffice
from crinale.spine.exchange.rules.index import BodyEntry, OfficeEntry
from crinale.spine.identity import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crinale.spine.exchange.actions.index import Source

_SYSTEM = Actor.system("exchange")
E = TypeVar("E")


def import_bodies(
    entries: Iterable[tuple[int, BodyEntry]],
    *,
    source: Source,
    actor: Actor = _SYSTEM,
    report: ImportReport | None = None,
) -> ImportReport:
    """Bring administrations (IPA "enti") into the index."""
    report = report or ImportReport()
    good = _distinct(((line, entry.ipa_code, entry) for line, entry in entries), "ipa_code", report)
    with tenancy.no_scope(), transaction.atomic():
        lock_index()
        known = {
            row.ipa_code: BodyEntry(
                ipa_code=row.ipa_code,
                name=row.name,
                fiscal_code=row.fiscal_code,
                category=row.category,
                kind=row.kind,
                site=row.site,
                emails=tuple(row.emails),
            )
            for row in IndexedBody.objects.filter(ipa_code__in=good)
        }
        changed = _changed(good, known, report)
        IndexedBody.objects.bulk_create(
            [
                IndexedBody(**{**asdict(e), "emails": list(e.emails)}, source=source, as_of=clock.now())
                for e in changed
            ],
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["ipa_code"],
            update_fields=["name", "fiscal_code", "category", "kind", "site", "emails", "source", "as_of"],
        )
        close_import(report, table="bodies", source=source, actor=actor, entries=good.values())
    return report


def import_offices(
    entries: Iterable[tuple[int, OfficeEntry]],
    *,
    source: Source,
    actor: Actor = _SYSTEM,
    report: ImportReport | None = None,
) -> ImportReport:
    """Bring organisational units (IPA "UO") into the index."""
    report = report or ImportReport()
    good = _distinct(((line, entry.code, entry) for line, entry in entries), "code", report)
    with tenancy.no_scope(), transaction.atomic():
        lock_index()
        known = {
            row.code: OfficeEntry(
                code=row.code,
                ipa_code=row.ipa_code,
                name=row.name,
                aoo_code=row.aoo_code,
                parent_code=row.parent_code,
                emails=tuple(row.emails),
            )
            for row in IndexedOffice.objects.filter(code__in=good)
        }
        changed = _changed(good, known, report)
        IndexedOffice.objects.bulk_create(
            [
                IndexedOffice(**{**asdict(e), "emails": list(e.emails)}, source=source, as_of=clock.now())
                for e in changed
            ],
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["ipa_code", "name", "aoo_code", "parent_code", "emails", "source", "as_of"],
        )
        close_import(report, table="offices", source=source, actor=actor, entries=good.values())
    return report


def _distinct(rows: Iterable[tuple[int, str, E]], name: str, report: ImportReport) -> dict[str, E]:
    good: dict[str, E] = {}
    for line, code, entry in rows:
        if code in good:
            report.refused.append((line, name, "the same code stands twice in the file"))
        else:
            good[code] = entry
    return good


def _changed(good: dict[str, E], known: dict[str, E], report: ImportReport) -> list[E]:
    changed: list[E] = []
    for code, entry in good.items():
        if known.get(code) == entry:
            report.count("unchanged")
            continue
        report.count("updated" if code in known else "accepted")
        changed.append(entry)
    return changed
