"""The audit facts of people, roles, posts, offices and second factors. None tells a password or a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.facts import Fact
from crinale.spine.identity.ports import chronicle
from crinale.spine.tenancy import no_scope, scope

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from datetime import date, datetime
    from uuid import UUID

    from crinale.spine.identity.actor import Actor


def tell(fact: Fact, *, actor: Actor, body_id: UUID | None = None) -> None:
    """Write a fact of a body, or of the node itself when it is about none."""
    place: AbstractContextManager[object] = scope(body_id) if body_id else no_scope()
    with place:
        chronicle.get().write(fact, actor=actor)


@dataclass(frozen=True, kw_only=True)
class PersonCreated(Fact):
    """A person has an account."""

    kind = "person.created"
    username: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PasswordSet(Fact):
    """A person has another password."""

    kind = "person.password_set"
    username: str


@dataclass(frozen=True, kw_only=True)
class PersonDeactivated(Fact):
    """An account was closed."""

    kind = "person.deactivated"
    username: str


@dataclass(frozen=True, kw_only=True)
class PersonReactivated(Fact):
    """A closed account was opened again, without the roles that it had."""

    kind = "person.reactivated"
    username: str


@dataclass(frozen=True, kw_only=True)
class PersonLeft(Fact):
    """A person works no more for a body, or for none of the node; `on` is the first day without him."""

    kind = "person.left"
    username: str
    on: date
    grants: int
    posts: int


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(Fact):
    """The sessions of a person were ended."""

    kind = "person.sessions_ended"
    username: str


@dataclass(frozen=True, kw_only=True)
class RoleGranted(Fact):
    """A person holds a role in a body, in one area of it, or for one office."""

    kind = "role.granted"
    username: str
    role: str
    area: str
    office: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Fact):
    """A grant ended before its time."""

    kind = "role.revoked"
    username: str
    role: str
    area: str
    office: str


@dataclass(frozen=True, kw_only=True)
class RoleConfirmed(Fact):
    """Somebody looked at a grant and let it be."""

    kind = "role.confirmed"
    username: str
    role: str


@dataclass(frozen=True, kw_only=True)
class OfficeCreated(Fact):
    """An area has another office."""

    kind = "office.created"
    area: str
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class OfficeChanged(Fact):
    """Codes or contacts of an office changed."""

    kind = "office.changed"
    code: str
    changes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class OfficeMoved(Fact):
    """An office stands under another one, or has another name, from a day on."""

    kind = "office.moved"
    code: str
    name: str
    parent_id: UUID | None
    on: date


@dataclass(frozen=True, kw_only=True)
class OfficeClosed(Fact):
    """An office is there no more; `on` is the first day without it."""

    kind = "office.closed"
    code: str
    on: date


@dataclass(frozen=True, kw_only=True)
class SignInPolicySet(Fact):
    """A body decided how its staff sign in, and how often their roles are looked at again."""

    kind = "body.sign_in_policy_set"
    second_factor_from: date | None
    review_months: int


@dataclass(frozen=True, kw_only=True)
class PostOpened(Fact):
    """A body has a post."""

    kind = "post.opened"
    what: str
    title: str
    office_id: UUID | None
    act: str


@dataclass(frozen=True, kw_only=True)
class PostClosed(Fact):
    """A post is there no more; `on` is the first day without it."""

    kind = "post.closed"
    title: str
    on: date


@dataclass(frozen=True, kw_only=True)
class PostFilled(Fact):
    """A person holds a post."""

    kind = "post.filled"
    title: str
    person_id: UUID
    username: str
    act: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class PostVacated(Fact):
    """A person holds a post no more; `on` is the first day without him."""

    kind = "post.vacated"
    title: str
    person_id: UUID
    username: str
    on: date


@dataclass(frozen=True, kw_only=True)
class AbsenceEntered(Fact):
    """Somebody stands in for a person who is away."""

    kind = "absence.entered"
    username: str
    substitute: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, kw_only=True)
class AbsenceEnded(Fact):
    """An absence ended before its time, or will not be."""

    kind = "absence.ended"
    username: str
    substitute: str
    on: date


@dataclass(frozen=True, kw_only=True)
class FactorAdded(Fact):
    """A person has another second factor: `what` is authenticator or passkey."""

    kind = "second_factor.added"
    username: str
    what: str
    name: str


@dataclass(frozen=True, kw_only=True)
class FactorRemoved(Fact):
    """A person has one second factor less."""

    kind = "second_factor.removed"
    username: str
    what: str
    name: str


@dataclass(frozen=True, kw_only=True)
class FactorsReset(Fact):
    """Somebody in charge took away all second factors of a person who lost them."""

    kind = "second_factor.reset"
    username: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(Fact):
    """A person has new recovery codes; the ones before are worth nothing."""

    kind = "second_factor.recovery_codes_made"
    username: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(Fact):
    """A person signed in with a recovery code."""

    kind = "second_factor.recovery_code_used"
    username: str
    left: int
