"""Permissions and roles as data. Spine and services register theirs; nothing here knows what they protect.

A role is granted in a body, for one area or for all of them, with dates. ``require`` looks at the body of the
open scope and at the clock, so a grant in one body never opens another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.tenancy import current_body

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.utils.functional import _StrPromise

    from crinale.spine.identity.actor import Actor

    Text = str | _StrPromise

PEER_ROLE = "peer"


class Forbidden(NotVisible):
    """Not found, or not yours to see: the answer is the same."""


class UnknownPermission(LookupError):
    """No package registered this permission or role: the code that asks is wrong."""


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Something that an actor may do. ``per_area``: a grant for one area does not reach the others."""

    code: str
    title: Text
    per_area: bool = False


@dataclass(frozen=True, kw_only=True)
class Role:
    """A set of permissions that is granted as one."""

    code: str
    title: Text
    permissions: frozenset[str]
    assignable: bool = True


_permissions: dict[str, Permission] = {}
_roles: dict[str, Role] = {}


def register_permission(code: str, title: Text, *, per_area: bool = False) -> Permission:
    """Declare a permission, ``subject.verb``; declaring it again in the same words changes nothing."""
    permission = Permission(code=code, title=title, per_area=per_area)
    if _permissions.setdefault(code, permission) != permission:
        raise ValueError(f"The permission {code} is already registered in other words.")
    return permission


def register_role(code: str, title: Text, permissions: Iterable[str], *, assignable: bool = True) -> Role:
    """Declare a role, or add permissions to it when it is already there.

    :raises UnknownPermission: when a permission was not registered before.
    """
    wanted = frozenset(permissions)
    if unknown := sorted(wanted - _permissions.keys()):
        raise UnknownPermission(", ".join(unknown))
    known = _roles.get(code)
    if known is None:
        role = Role(code=code, title=title, permissions=wanted, assignable=assignable)
    else:
        role = replace(known, permissions=known.permissions | wanted)
    _roles[code] = role
    return role


def extend_role(code: str, permissions: Iterable[str]) -> Role:
    """Add permissions to a role that another package declared."""
    known = role(code)
    return register_role(code, known.title, permissions)


def role(code: str) -> Role:
    """Return a role.

    :raises UnknownPermission: when nobody registered it.
    """
    try:
        return _roles[code]
    except KeyError:
        raise UnknownPermission(code) from None


def roles() -> list[Role]:
    """Return the roles that may be granted to people, by code."""
    return [known for code, known in sorted(_roles.items()) if known.assignable]


def permission(code: str) -> Permission:
    """Return a permission.

    :raises UnknownPermission: when nobody registered it.
    """
    try:
        return _permissions[code]
    except KeyError:
        raise UnknownPermission(code) from None


def allows(actor: Actor, code: str, *, area_id: UUID | None = None, body_id: UUID | None = None) -> bool:
    """Say whether the actor may, now, in the body of the open scope (or in ``body_id``).

    A permission that is per area, asked without an area, is allowed only by a grant for all the areas of the
    body.

    :raises UnknownPermission: when nobody registered the permission.
    :raises ScopeMissing: when no scope is open and no body is named.
    """
    wanted = permission(code)
    body = body_id or current_body()
    if actor.kind == "system":
        return True
    if actor.kind == "peer":
        return code in _roles[PEER_ROLE].permissions
    instant = clock.now()
    return any(
        grant.body_id == body
        and grant.holds_at(instant)
        and (grant.area_id is None or not wanted.per_area or grant.area_id == area_id)
        and grant.role in _roles
        and code in _roles[grant.role].permissions
        for grant in actor.grants
    )


def require(actor: Actor, code: str, *, area_id: UUID | None = None, body_id: UUID | None = None) -> None:
    """Refuse what :func:`allows` does not allow.

    :raises Forbidden: with the words of "not found".
    """
    if not allows(actor, code, area_id=area_id, body_id=body_id):
        raise Forbidden
