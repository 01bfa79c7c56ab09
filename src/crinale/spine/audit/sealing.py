"""How facts and batches are hashed: pure functions, the same for writing, sealing and verifying.

Each column of a fact has a digest. The leaf covers them whole; eight bytes of each stay beside the row, so
that a later verification can name the column that somebody changed. An entry binds the leaf to the row's
number and transaction; a batch is the Merkle tree (RFC 9162, section 2.1.1) over its entries, chained to the
batch before it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from crinale.kernel.digests import canonical_json, merkle_leaf, merkle_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

COLUMNS = (
    "body_id",
    "at",
    "kind",
    "actor_kind",
    "actor_id",
    "actor_name",
    "service",
    "subject_id",
    "payload",
)
PART_BYTES = 8
NO_PREVIOUS = bytes(32)
_ENTRY = struct.Struct(">qq32s")
ENTRY_BYTES = _ENTRY.size


def digest_columns(
    *,
    body_id: UUID | None,
    at: datetime,
    kind: str,
    actor_kind: str,
    actor_id: UUID | None,
    actor_name: str,
    service: str,
    subject_id: UUID | None,
    payload: bytes,
) -> tuple[bytes, bytes]:
    """Return the leaf of a fact (32 bytes) and its parts (8 per column); ``payload`` is canonical JSON."""
    digests = [
        sha256(value).digest()
        for value in (
            body_id.bytes if body_id else b"",
            at.astimezone(UTC).isoformat(timespec="microseconds").encode(),
            kind.encode(),
            actor_kind.encode(),
            actor_id.bytes if actor_id else b"",
            actor_name.encode(),
            service.encode(),
            subject_id.bytes if subject_id else b"",
            payload,
        )
    ]
    return merkle_leaf(b"".join(digests)), b"".join(digest[:PART_BYTES] for digest in digests)


def changed_columns(stored: bytes, computed: bytes) -> list[str]:
    """Return the columns whose parts differ."""
    return [
        name
        for index, name in enumerate(COLUMNS)
        if stored[index * PART_BYTES : (index + 1) * PART_BYTES]
        != computed[index * PART_BYTES : (index + 1) * PART_BYTES]
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as a batch knows it."""

    fact_id: int
    txid: int
    leaf: bytes

    def packed(self) -> bytes:
        """Return the bytes that the tree is made of."""
        return _ENTRY.pack(self.fact_id, self.txid, self.leaf)


def pack(entries: Sequence[Entry]) -> bytes:
    """Return the entries of a batch in a row."""
    return b"".join(entry.packed() for entry in entries)


def unpack(packed: bytes) -> Iterator[Entry]:
    """Return the entries of a batch; a rest that is no whole entry is left out: the root will not agree."""
    whole = len(packed) - len(packed) % ENTRY_BYTES
    for fact_id, txid, leaf in _ENTRY.iter_unpack(packed[:whole]):
        yield Entry(fact_id, txid, leaf)


def root_of(packed: bytes) -> bytes:
    """Return the Merkle root over packed entries."""
    return merkle_root(
        [merkle_leaf(packed[start : start + ENTRY_BYTES]) for start in range(0, len(packed), ENTRY_BYTES)]
    )


def link(
    *,
    number: int,
    previous: bytes,
    root: bytes,
    fact_count: int,
    through_txid: int,
    floor_id: int,
    max_fact_id: int,
    sealed_at: datetime,
) -> bytes:
    """Return the link of the chain that a batch makes: the digest of all that is said about it."""
    said: dict[str, Any] = {
        "number": number,
        "previous": previous.hex(),
        "root": root.hex(),
        "fact_count": fact_count,
        "through_txid": through_txid,
        "floor_id": floor_id,
        "max_fact_id": max_fact_id,
        "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return sha256(canonical_json(said)).digest()
