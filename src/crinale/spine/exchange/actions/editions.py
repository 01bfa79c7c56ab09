"""Editions of the index: nodes describe their areas, the hub publishes, nodes take over.

A node that cannot reach its hub goes on with the copy it has and says how old that is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.digests import canonical_json, sha256
from crinale.kernel.errors import Invalid
from crinale.kernel.ids import new_id
from crinale.spine import audit, tenancy
from crinale.spine.exchange import facts
from crinale.spine.exchange.actions.index import (
    ImportReport,
    entry_of,
    import_areas,
    lock_index,
    write_areas,
)
from crinale.spine.exchange.models import IndexedArea, IndexEdition, IndexState
from crinale.spine.exchange.ports import index_source
from crinale.spine.exchange.rules.index import area_from_json, area_to_json, check_area
from crinale.spine.exchange.values import TransportFailure
from crinale.spine.identity import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.rules.index import AreaEntry

HUB: Final = "hub"
_FORMAT: Final = "crinale-index-1"
_SYSTEM = Actor.system("exchange")


def enrol(descriptor: bytes, *, actor: Actor = _SYSTEM) -> ImportReport:
    """Bring the areas that a node described (``crinale index enrol``) into the hub's index.

    :raises Invalid: when the descriptor cannot be read.
    """
    return import_areas(enumerate(_read(descriptor), start=1), source="enrolment", actor=actor)


def describe(entries: Sequence[AreaEntry]) -> bytes:
    """Write areas as a descriptor or an edition.

    Canonical JSON, so that the same areas give the same bytes.
    """
    return canonical_json({"format": _FORMAT, "areas": [area_to_json(check_area(one)) for one in entries]})


def _read(content: bytes) -> list[AreaEntry]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise Invalid("descriptor", "it is not JSON") from None
    if (
        not isinstance(value, dict)
        or value.get("format") != _FORMAT
        or not isinstance(value.get("areas"), list)
    ):
        raise Invalid("descriptor", f"it is not of the format {_FORMAT}")
    return [area_from_json(one) for one in value["areas"]]


def publish_index(*, actor: Actor = _SYSTEM) -> IndexEdition:
    """Publish the areas that can be reached as a new edition, if anything changed since the last.

    Return the newest.
    """
    with tenancy.no_scope(), transaction.atomic():
        lock_index()
        rows = IndexedArea.objects.filter(active=True).exclude(endpoint="").order_by("aoo_code")
        content = describe([entry_of(row) for row in rows])
        digest = sha256(content).hex()
        newest = IndexEdition.objects.order_by("-published_at", "-id").first()
        if newest is not None and newest.sha256 == digest:
            return newest
        edition = IndexEdition.objects.create(
            id=new_id(), published_at=clock.now(), sha256=digest, areas=len(rows), content=content
        )
        audit.write(facts.IndexPublished(subject_id=edition.id, sha256=digest, areas=len(rows)), actor=actor)
    return edition


def refresh_index() -> bool:
    """Take over the hub's newest edition; return whether there was a new one.

    When the hub cannot be reached, or what it says cannot be read, the last copy stays and the failure is
    noted.
    """
    state = IndexState.objects.filter(source=HUB).first()
    try:
        answer = index_source.get().fetch(etag=state.etag if state else "")
        if answer is not None:
            _take_over(*answer)
    except (TransportFailure, Invalid) as failure:
        _note_failure(str(failure))
        return False
    if answer is None:
        IndexState.objects.filter(source=HUB).update(
            checked_at=clock.now(), as_of=clock.now(), failing_since=None, last_error=""
        )
    return answer is not None


def _take_over(etag: str, content: bytes) -> None:
    entries = _read(content)
    report = ImportReport()
    with tenancy.no_scope(), transaction.atomic():
        lock_index()
        write_areas(entries, source="hub", report=report, whole=True)
        IndexedArea.objects.filter(source=HUB, active=True).exclude(
            aoo_code__in=[one.aoo_code for one in entries]
        ).update(active=False)
        IndexState.objects.update_or_create(
            source=HUB,
            defaults={
                "as_of": clock.now(),
                "checked_at": clock.now(),
                "etag": etag,
                "rows": len(entries),
                "failing_since": None,
                "last_error": "",
            },
        )
        audit.write(facts.IndexRefreshed(sha256=sha256(content).hex(), areas=len(entries)), actor=_SYSTEM)


def _note_failure(error: str) -> None:
    with transaction.atomic():
        now = clock.now()
        state = IndexState.objects.select_for_update().filter(source=HUB).first()
        if state is None:
            IndexState.objects.create(
                source=HUB, as_of=None, checked_at=now, failing_since=now, last_error=error[:500]
            )
            return
        state.checked_at, state.last_error = now, error[:500]
        state.failing_since = state.failing_since or now
        state.save(update_fields=["checked_at", "last_error", "failing_since"])
