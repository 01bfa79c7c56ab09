"""Bring administrations and organisational units of the IPA into the index."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import tenancy
from crinale.spine.exchange.actions.index import ImportReport, close_import, lock_index
from crinale.spine.exchange.models import IndexedBody, IndexedOffice
from crinale.spine.exchange.rules.index import (
    BODY_WIDTHS,
    OFFICE_WIDTHS,
    BodyEntry,
    OfficeEntry,
    check_widths,
)
from crinale.spine.identity import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crinale.spine.exchange.actions.index import Source

_SYSTEM = Actor.system("exchange")
_WIDTHS: Final = {"bodies": BODY_WIDTHS, "offices": OFFICE_WIDTHS}
E = TypeVar("E", BodyEntry, OfficeEntry)
M = TypeVar("M", IndexedBody, IndexedOffice)


def import_bodies(
    entries: Iterable[tuple[int, BodyEntry]],
    *,
    source: Source,
    actor: Actor = _SYSTEM,
    report: ImportReport | None = None,
) -> ImportReport:
    """Bring administrations (IPA "enti") into the index."""
    return _import(IndexedBody, BodyEntry, "ipa_code", "bodies", entries, report, source=source, actor=actor)


def import_offices(
    entries: Iterable[tuple[int, OfficeEntry]],
    *,
    source: Source,
    actor: Actor = _SYSTEM,
    report: ImportReport | None = None,
) -> ImportReport:
    """Bring organisational units (IPA "UO") into the index."""
    return _import(IndexedOffice, OfficeEntry, "code", "offices", entries, report, source=source, actor=actor)


def _import(
    model: type[M],
    kind: type[E],
    key: str,
    table: str,
    entries: Iterable[tuple[int, E]],
    report: ImportReport | None,
    *,
    source: Source,
    actor: Actor,
) -> ImportReport:
    """Write what is new or changed; ``model`` has a column for each field of ``kind``."""
    report = report or ImportReport()
    good = _distinct(entries, key, report, widths=_WIDTHS[table])
    names: list[str] = [one.name for one in fields(kind)]
    with tenancy.no_scope(), transaction.atomic():
        lock_index()
        known = {
            getattr(row, key): kind(**{name: _read(getattr(row, name)) for name in names})
            for row in model.objects.filter(**{f"{key}__in": good})
        }
        model.objects.bulk_create(
            [
                model(
                    **{name: _written(getattr(entry, name)) for name in names},
                    source=source,
                    as_of=clock.now(),
                )
                for entry in _changed(good, known, report)
            ],
            batch_size=1000,
            update_conflicts=True,
            unique_fields=[key],
            update_fields=[name for name in [*names, "source", "as_of"] if name != key],
        )
        close_import(report, table=table, source=source, actor=actor, entries=good.values())
    return report


def _read(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _written(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _distinct(
    entries: Iterable[tuple[int, E]], key: str, report: ImportReport, *, widths: Mapping[str, int]
) -> dict[str, E]:
    good: dict[str, E] = {}
    for line, entry in entries:
        code = getattr(entry, key)
        if code in good:
            report.refused.append((line, key, "the same code stands twice in the file"))
            continue
        try:
            check_widths(entry, widths)
        except Invalid as objection:
            report.refused.append((line, objection.field, objection.remedy))
            continue
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
