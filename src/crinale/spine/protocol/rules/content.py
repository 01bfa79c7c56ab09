"""The digest of a registration: SHA-256 of the canonical JSON of everything that may never change in it.

It stands in the audit fact of the registration and in the daily register, so a changed row can be named.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from crinale.kernel.digests import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EnclosureContent:
    """A document of a registration, in the order of the registration."""

    document: UUID
    sha256: str
    size: int
    media_type: str
    file_name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationContent:
    """What was registered.

    Parties are (role, data); ``segnature`` are (origin, SHA-256); ``deferral`` is (act, reason), empty
    for what was registered in time.
    """

    id: UUID
    register: UUID
    year: int
    number: int
    registered_at: datetime
    registered_by: UUID | None
    registered_by_name: str
    direction: str
    subject: str
    confidential: bool
    classification: UUID
    channel: str
    arrived_at: datetime | None
    received: tuple[str, str, str, str, str]
    reply_to: UUID | None
    parties: Sequence[tuple[str, Mapping[str, Any]]]
    enclosures: Sequence[EnclosureContent]
    segnature: Sequence[tuple[str, str]]
    deferral: tuple[str, str] = ("", "")


def digest_of(content: RegistrationContent) -> str:
    """Return the digest, in hexadecimal.

    A segnatura that is sealed remotely comes after the registration and has its own fact: it is not in here.
    """
    value: dict[str, Any] = {
        "id": str(content.id),
        "register": str(content.register),
        "year": content.year,
        "number": content.number,
        "registered_at": _instant(content.registered_at),
        "registered_by": _identity(content.registered_by),
        "registered_by_name": content.registered_by_name,
        "direction": content.direction,
        "subject": content.subject,
        "confidential": content.confidential,
        "classification": str(content.classification),
        "channel": content.channel,
        "arrived_at": _instant(content.arrived_at),
        "received": list(content.received),
        "reply_to": _identity(content.reply_to),
        "parties": [[role, dict(data)] for role, data in content.parties],
        "enclosures": [
            [str(one.document), one.sha256, one.size, one.media_type, one.file_name, one.description]
            for one in content.enclosures
        ],
        "segnature": [list(one) for one in sorted(content.segnature)],
    }
    # Only where there is one: registrations made before there were deferred ones keep their digest.
    if any(content.deferral):
        value["deferral"] = list(content.deferral)
    return hashlib.sha256(canonical_json(value)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionContent:
    """A correction, as it stands in the register."""

    registration: UUID
    sequence: int
    field: str
    before: str
    after: str
    reason: str
    corrected_at: datetime
    corrected_by: UUID | None
    corrected_by_name: str


def correction_digest(content: CorrectionContent) -> str:
    """Return the digest of a correction, in hexadecimal; it stands in the fact of the correction."""
    value = {
        "registration": str(content.registration),
        "sequence": content.sequence,
        "field": content.field,
        "before": content.before,
        "after": content.after,
        "reason": content.reason,
        "corrected_at": _instant(content.corrected_at),
        "corrected_by": _identity(content.corrected_by),
        "corrected_by_name": content.corrected_by_name,
    }
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat(timespec="microseconds")


def _identity(identity: UUID | None) -> str | None:
    return None if identity is None else str(identity)
