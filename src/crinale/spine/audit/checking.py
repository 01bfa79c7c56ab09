"""The verification of facts and batches: recompute every digest, say where one does not agree."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction

from crinale.kernel.digests import canonical_json
from crinale.kernel.errors import CrinaleError
from crinale.spine.audit import overdue, sealing
from crinale.spine.audit.models import Batch
from crinale.spine.audit.verification import Section, VerifyReport, verifiers
from crinale.spine.tenancy import no_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FACTS = (
    "select id, txid, body_id, at, kind, actor_kind, actor_id, actor_name, service, subject_id,"
    " payload::text, leaf, parts from audit_fact where id = any(%s) order by id"
)
_AT_ONCE = 2000
_NUMBERS_AT_ONCE = 50_000


class NotTheOwner(CrinaleError):
    """Only the owner of the database sees every body's facts: run the verification as the owner."""


class _Chain:
    """Walks the batches in order, checking links and the facts inside."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.link = sealing.NO_PREVIOUS
        self.number = 0
        self.sealed = array("q")
        self.through_txid = 0
        self.max_fact_id = 0
        self.floor_id = 0

    def take(self, batch: Batch) -> None:
        where = f"batch {batch.number}"
        if batch.number != self.number + 1:
            self.section.fault(where, f"batch {self.number + 1} should come here: it is missing")
        if bytes(batch.previous) != self.link:
            self.section.fault(where, "column previous: it does not continue the batch before")
        packed = bytes(batch.entries)
        root = sealing.root_of(packed)
        if root != bytes(batch.root):
            self.section.fault(where, "columns entries and root do not agree")
        if len(packed) != batch.fact_count * sealing.ENTRY_BYTES:
            self.section.fault(where, "columns entries and fact_count do not agree")
        said = sealing.link(
            number=batch.number,
            previous=bytes(batch.previous),
            root=bytes(batch.root),
            fact_count=batch.fact_count,
            through_txid=batch.through_txid,
            floor_id=batch.floor_id,
            max_fact_id=batch.max_fact_id,
            sealed_at=batch.sealed_at,
        )
        if said != bytes(batch.link):
            self.section.fault(where, "column link: it is not the digest of the other columns")
        entries = list(sealing.unpack(packed))
        self._check_reach(batch, entries)
        self._take_facts(batch.number, entries)
        self.link, self.number, self.through_txid = bytes(batch.link), batch.number, batch.through_txid

    def _check_reach(self, batch: Batch, entries: list[sealing.Entry]) -> None:
        """What a batch says to have sealed is what it holds: else sealing would pass over the rest."""
        where = f"batch {batch.number}"
        if not entries:
            self.section.fault(where, "it holds no fact: sealing makes no such batch")
        self.max_fact_id = max(self.max_fact_id, *(entry.fact_id for entry in entries), 0)
        self.floor_id = batch.floor_id
        if batch.max_fact_id != self.max_fact_id:
            self.section.fault(
                where, "column max_fact_id: it is not the highest number among the sealed facts"
            )

    def end(self) -> None:
        """Check what can be said of the whole chain only."""
        # A run of sealing may take several batches, and its floor is among the facts of the last one.
        if self.floor_id > self.max_fact_id:
            self.section.fault(f"batch {self.number}", "column floor_id: it is above all sealed facts")

    def _take_facts(self, number: int, entries: list[sealing.Entry]) -> None:
        for start in range(0, len(entries), _AT_ONCE):
            some = entries[start : start + _AT_ONCE]
            rows = {row[0]: row for row in _read(self.section, [entry.fact_id for entry in some], number)}
            for entry in some:
                self.sealed.append(entry.fact_id)
                row = rows.get(entry.fact_id)
                if row is None:
                    self.section.fault(
                        f"fact {entry.fact_id} (batch {number})", "the row is missing or unreadable"
                    )
                else:
                    _check_fact(self.section, row, entry, number)


def verify(*, extra: bool = True) -> VerifyReport:
    """Recompute every digest of facts and batches, then run the checks that other packages registered.

    :raises NotTheOwner: when the database role does not see every row.
    """
    with no_scope():
        _require_owner()
        sections = [Section(name="facts")]
        with transaction.atomic():
            chain = _Chain(sections[0])
            last = Batch.objects.defer("entries").order_by("-number").first()
            for number in range(1, last.number + 1 if last else 1):
                batch = _batch(sections[0], number)
                if batch is not None:
                    chain.take(batch)
            chain.end()
            unsealed = _check_unsealed(chain)
            waiting = overdue.overdue_since()
            if waiting is not None:
                sections[0].fault("sealing", f"facts wait to be sealed since {waiting.isoformat()}")
        for name, verifier in verifiers().items() if extra else ():
            section = Section(name=name)
            verifier(section)
            sections.append(section)
    return VerifyReport(
        facts=len(chain.sealed),
        unsealed=unsealed,
        batches=chain.number,
        head=chain.link.hex(),
        sections=tuple(sections),
    )


def _batch(section: Section, number: int) -> Batch | None:
    try:
        with transaction.atomic():
            return Batch.objects.filter(number=number).first()
    except DatabaseError as error:
        section.fault(f"batch {number}", f"PostgreSQL cannot read it: {_first_line(error)}")
        return None


def _read(section: Section, ids: list[int], number: int) -> list[Any]:
    """Read facts by number; when PostgreSQL finds a damaged page among them, one by one."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FACTS, [ids])
            return list(cursor.fetchall())
    except DatabaseError as error:
        if len(ids) == 1:
            section.fault(
                f"fact {ids[0]} (batch {number})", f"PostgreSQL cannot read it: {_first_line(error)}"
            )
            return []
        half = len(ids) // 2
        return _read(section, ids[:half], number) + _read(section, ids[half:], number)


def _check_fact(section: Section, row: Any, entry: sealing.Entry | None, number: int | None) -> None:
    section.checked += 1
    leaf, parts = sealing.digest_columns(
        body_id=row[2],
        at=row[3],
        kind=row[4],
        actor_kind=row[5],
        actor_id=row[6],
        actor_name=row[7],
        service=row[8],
        subject_id=row[9],
        payload=canonical_json(json.loads(row[10])),
    )
    faults = []
    stored_leaf, stored_parts = bytes(row[11]), bytes(row[12])
    sealed_leaf = entry.leaf if entry else stored_leaf
    if stored_leaf != sealed_leaf:
        faults.append("column leaf")
    changed = sealing.changed_columns(stored_parts, parts)
    if leaf == sealed_leaf:
        faults += ["column parts"] if stored_parts != parts else []
    else:
        faults += [f"column {name}" for name in changed] or ["columns leaf and parts"]
    if entry and row[1] != entry.txid:
        faults.append("column txid")
    if faults:
        where = f"fact {row[0]} ({row[4]}, {f'batch {number}' if number else 'not yet sealed'})"
        section.fault(where, f"{', '.join(faults)}: not as it was written")


def _check_unsealed(chain: _Chain) -> int:
    """Check the facts outside the batches: those not yet sealed, and any slipped in among the sealed ones."""
    ordered = array("q", sorted(chain.sealed))
    count = 0
    for row in _outside(ordered):
        count += 1
        _check_fact(chain.section, row, None, None)
        if row[1] < chain.through_txid and row[0] <= (ordered[-1] if ordered else 0):
            chain.section.fault(
                f"fact {row[0]} ({row[4]})", "no batch holds it, though its transaction was sealed"
            )
    return count


def _outside(sealed: array[int]) -> Iterator[Any]:
    first = -(2**63)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select id from audit_fact where id >= %s order by id limit %s", [first, _NUMBERS_AT_ONCE]
            )
            ids = [fact_id for (fact_id,) in cursor.fetchall()]
            if not ids:
                return
            first = ids[-1] + 1
            for some in _slices([fact_id for fact_id in ids if not _holds(sealed, fact_id)]):
                cursor.execute(_FACTS, [some])
                yield from cursor.fetchall()


def _slices(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _holds(ordered: array[int], value: int) -> bool:
    index = bisect_left(ordered, value)
    return index < len(ordered) and ordered[index] == value


def _require_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_has_role(current_user, relowner, 'usage') from pg_class"
            " where oid = 'audit_fact'::regclass"
        )
        if not cursor.fetchone()[0]:
            raise NotTheOwner


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
