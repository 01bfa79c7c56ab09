"""The audit facts that administration may write; each names the user at the console.

What people may also do from pages, the spine tells itself; there the user stands in the service's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.spine import audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class Administered(audit.Fact):
    """Something done from the console, by a user of the operating system."""

    operator: str


@dataclass(frozen=True, kw_only=True)
class BodyCreated(Administered):
    """A body is known to the node."""

    kind = "body.created"
    ipa_code: str
    name: str
    what: str
    istat_code: str
    patron_day: str
    union: bool


@dataclass(frozen=True, kw_only=True)
class MembershipOpened(Administered):
    """A body belongs to a union from a day."""

    kind = "membership.opened"
    union: str
    member: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class MembershipClosed(Administered):
    """A body leaves a union; `valid_to` is its first day outside."""

    kind = "membership.closed"
    union: str
    member: str
    valid_to: date


@dataclass(frozen=True, kw_only=True)
class AreaCreated(Administered):
    """A registry area works on the node."""

    kind = "area.created"
    code: str
    name: str
    registers_incoming: str
    default_classification: str
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class AreaChanged(Administered):
    """What may change of a registry area changed."""

    kind = "area.changed"
    code: str
    changes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class KeyMade(Administered):
    """A private key was made, to be certified."""

    kind = "key.made"
    use: str
    area: str
    algorithm: str
    public_key_sha256: str


@dataclass(frozen=True, kw_only=True)
class CertificateInstalled(Administered):
    """A certificate came into use."""

    kind = "certificate.installed"
    use: str
    area: str
    subject: str
    issuer: str
    not_after: datetime
    sha256: str


@dataclass(frozen=True, kw_only=True)
class AuthorityTrusted(Administered):
    """Certificates of an authority are believed."""

    kind = "authority.trusted"
    authority: str
    sha256: str
    use: str


@dataclass(frozen=True, kw_only=True)
class IntermediateKnown(Administered):
    """An intermediate authority completes paths to a trusted root."""

    kind = "authority.intermediate_known"
    authority: str
    issuer: str
    sha256: str
    use: str


@dataclass(frozen=True, kw_only=True)
class RevocationListTaken(Administered):
    """The node knows which certificates an authority revoked."""

    kind = "revocation_list.taken"
    authority: str
    this_update: datetime
    next_update: datetime | None
    revoked: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RevocationListRemoved(Administered):
    """The node does not look at a list of revoked certificates any more."""

    kind = "revocation_list.removed"
    authority: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class AuthorityDistrusted(Administered):
    """Certificates of an authority are believed no more."""

    kind = "authority.distrusted"
    authority: str
    sha256: str
    use: str


@dataclass(frozen=True, kw_only=True)
class BackupBegun(Administered):
    """A copy of the whole node was begun; the copy itself tells it."""

    kind = "backup.begun"
    with_secrets: bool


@dataclass(frozen=True, kw_only=True)
class BackupRestored(Administered):
    """The node goes on from a copy of itself."""

    kind = "backup.restored"
    taken_at: datetime
    dump_sha256: str


@dataclass(frozen=True, kw_only=True)
class BodyExported(Administered):
    """All that the node holds of a body was written to a file; the file itself tells it."""

    kind = "body.exported"
    ipa_code: str
    file: str
    leaving: bool


@dataclass(frozen=True, kw_only=True)
class BodyImported(Administered):
    """A body came to the node from a file."""

    kind = "body.imported"
    ipa_code: str
    file_sha256: str
    exported_at: datetime
    registrations: int
    documents: int


@dataclass(frozen=True, kw_only=True)
class ProgramAdded(Administered):
    """Another program may use the interface."""

    kind = "program.added"
    name: str
    area: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProgramGranted(Administered):
    """A program may do more in an area."""

    kind = "program.granted"
    name: str
    area: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProgramWithdrawn(Administered):
    """A program may do less in an area."""

    kind = "program.withdrawn"
    name: str
    area: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProgramRenewed(Administered):
    """A program got another credential; the one before it lasts a little longer."""

    kind = "program.renewed"
    name: str
    credential: str


@dataclass(frozen=True, kw_only=True)
class ProgramRevoked(Administered):
    """A program may use the interface no more."""

    kind = "program.revoked"
    name: str
