"""What ``audit verify`` recomputes for the registers: digests against the facts, numbers, documents.

It runs as the owner of the database, over every body.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import connection

from crinale.kernel.digests import sha256, sha256_stream
from crinale.kernel.numbers import format_number
from crinale.spine.protocol.models import Correction, Enclosure, Party, Registration, Segnatura
from crinale.spine.protocol.rules.content import (
    CorrectionContent,
    EnclosureContent,
    RegistrationContent,
    correction_digest,
    digest_of,
)
from crinale.spine.records.blobs import BlobMissing
from crinale.spine.records.models import Document
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from uuid import UUID

    from crinale.spine.audit import Section

_AT_ONCE = 1000
_CREATED = """
select distinct on (subject_id) subject_id, payload ->> 'digest'
from audit_fact where kind = 'registration.created' and subject_id = any(%s) order by subject_id, id
"""
_WITHOUT_ROW = """
select fact.subject_id, fact.payload ->> 'number', fact.payload ->> 'year'
from audit_fact as fact left join protocol_registration as registration on registration.id = fact.subject_id
where fact.kind = 'registration.created' and registration.id is null
"""
_SEALED_LATER = """
select subject_id, payload ->> 'segnatura_sha256' from audit_fact
where kind = 'registration.sealed' and subject_id = any(%s)
"""
_CORRECTED = """
select subject_id, payload ->> 'sequence', payload ->> 'digest' from audit_fact
where kind = 'registration.corrected'
"""
_GAPS = """
select area.code, register.code, counter.year, counter.last_number,
       counter.continues_after + count(registration.id),
       coalesce(max(registration.number), counter.continues_after)
from protocol_counter as counter
join protocol_register as register on register.id = counter.register_id
join tenancy_area as area on area.id = register.area_id
left join protocol_registration as registration
    on registration.register_id = counter.register_id and registration.year = counter.year
group by area.code, register.code, counter.year, counter.last_number, counter.continues_after
order by area.code, register.code, counter.year
"""


def verify_registrations(section: Section) -> None:
    """Recompute the digest of each registration and compare it with the one in its sealed fact."""
    ids = Registration.across_bodies.order_by("id").values_list("id", flat=True)
    for some in _slices(ids.iterator(chunk_size=_AT_ONCE)):
        stated, later = dict(_rows(_CREATED, some)), dict(_rows(_SEALED_LATER, some))
        for row, content in _contents(some, later):
            section.checked += 1
            digest, where = digest_of(content), _where(row)
            if stated.get(row.id) is None:
                section.fault(where, "no fact tells that it was made")
            elif digest != stated[row.id]:
                section.fault(where, "its content is not the one that was registered")
            elif digest != row.digest:
                section.fault(where, "its digest was changed")
    for registration_id, number, year in _rows(_WITHOUT_ROW):
        section.fault(f"registration {format_number(int(number))}/{year}", f"it is gone ({registration_id})")


def verify_corrections(section: Section) -> None:
    """Recompute the digest of each correction and compare it with the one in its sealed fact."""
    stated = {(subject, int(sequence)): digest for subject, sequence, digest in _rows(_CORRECTED)}
    for one in Correction.across_bodies.select_related("registration").iterator(chunk_size=_AT_ONCE):
        section.checked += 1
        content = CorrectionContent(
            registration=one.registration_id,
            sequence=one.sequence,
            field=one.field,
            before=one.before,
            after=one.after,
            reason=one.reason,
            corrected_at=one.corrected_at,
            corrected_by=one.corrected_by,
            corrected_by_name=one.corrected_by_name,
        )
        if stated.pop((one.registration_id, one.sequence), None) != correction_digest(content):
            section.fault(
                _where(one.registration), f"its correction {one.sequence} is not the one that was made"
            )
    for subject, sequence in stated:
        section.fault(f"registration {subject}", f"its correction {sequence} is gone")


def verify_numbers(section: Section) -> None:
    """Check that each register and year has every number from 1 to the last one given, each once."""
    for area, register, year, last, count, highest in _rows(_GAPS):
        section.checked += 1
        if not last == count == highest:
            where = f"register {register} of {area}, {year}"
            section.fault(where, f"{last} numbers were given, {count} are there, the highest is {highest}")


def verify_segnature(section: Section) -> None:
    """Recompute the digests of the segnature that are kept."""
    for one in Segnatura.across_bodies.select_related("registration").iterator(chunk_size=_AT_ONCE):
        section.checked += 1
        if sha256(bytes(one.xml)).hex() != one.sha256:
            section.fault(_where(one.registration), f"the {one.origin} segnatura was changed")


def verify_documents(section: Section) -> None:
    """Read the content of every document again and compare size and digest."""
    store, seen = blob_store.get(), set()
    for document in Document.across_bodies.order_by("sha256").iterator(chunk_size=_AT_ONCE):
        if (document.sha256, document.size) in seen:
            continue
        seen = {(document.sha256, document.size)}
        section.checked += 1
        where = f"document {document.id} ({document.file_name})"
        try:
            with store.open(document.sha256) as stream:
                found = sha256_stream(stream)
        except BlobMissing:
            section.fault(where, "its content is lost")
            continue
        if found != (document.sha256, document.size):
            section.fault(where, "its content was changed")


def _where(row: Registration) -> str:
    return f"registration {format_number(row.number)}/{row.year} ({row.id})"


def _rows(query: str, ids: list[UUID] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, None if ids is None else (ids,))
        return list(cursor.fetchall())


def _slices(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    some: list[UUID] = []
    for one in ids:
        some.append(one)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _contents(ids: list[UUID], later: dict[UUID, str]) -> Iterator[tuple[Registration, RegistrationContent]]:
    parties = _grouped(
        Party.across_bodies.filter(registration_id__in=ids).order_by("-role", "position"),
        lambda one: (one.role, one.data),
    )
    enclosures = _grouped(
        Enclosure.across_bodies.filter(registration_id__in=ids)
        .select_related("document")
        .order_by("position"),
        _enclosure,
    )
    segnature = _grouped(
        Segnatura.across_bodies.filter(registration_id__in=ids).defer("xml"),
        lambda one: (one.origin, one.sha256),
    )
    for row in Registration.across_bodies.filter(id__in=ids).order_by("register_id", "year", "number"):
        # A seal that came later has a fact of its own and is not in the digest of the registration.
        sheets = [one for one in segnature[row.id] if one != ("issued", later.get(row.id))]
        yield row, _content(row, parties[row.id], enclosures[row.id], sheets)


def _content(
    row: Registration, parties: list[Any], enclosures: list[Any], sheets: list[Any]
) -> RegistrationContent:
    return RegistrationContent(
        id=row.id,
        register=row.register_id,
        year=row.year,
        number=row.number,
        registered_at=row.registered_at,
        registered_by=row.registered_by,
        registered_by_name=row.registered_by_name,
        direction=row.direction,
        subject=row.subject,
        confidential=row.confidential,
        classification=row.classification_id,
        channel=row.channel,
        arrived_at=row.arrived_at,
        received=(
            row.received_ipa_code,
            row.received_aoo_code,
            row.received_register_code,
            row.received_number,
            row.received_date.isoformat() if row.received_date else "",
        ),
        reply_to=row.reply_to_id,
        parties=parties,
        enclosures=enclosures,
        segnature=sheets,
        deferral=(row.deferred_act, row.deferred_reason),
    )


def _enclosure(one: Enclosure) -> EnclosureContent:
    return EnclosureContent(
        document=one.document_id,
        sha256=one.document.sha256,
        size=one.document.size,
        media_type=one.document.media_type,
        file_name=one.document.file_name,
        description=one.description,
    )


def _grouped(rows: Iterable[Any], describe: Callable[[Any], Any]) -> defaultdict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.registration_id].append(describe(row))
    return found
