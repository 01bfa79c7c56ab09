"""What the system promises: a grant opens its body, its area, its days, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.kernel.ids import new_id
from crinale.spine.identity import Actor, Forbidden, GrantRef, permissions
from crinale.spine.tenancy import ScopeMissing, scope

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODY, OTHER_BODY, AREA, OTHER_AREA = (UUID(int=number) for number in range(1, 5))


def clerk(role: str = "protocol_clerk", **grant: Any) -> Actor:
    given = GrantRef(body_id=BODY, role=role, valid_from=NOW - timedelta(days=1))
    return Actor(person_id=new_id(), name="Anna", kind="staff", grants=(replace(given, **grant),))


def allowed(actor: Actor, code: str, *, area_id: UUID | None = AREA, body_id: UUID = BODY) -> bool:
    with clock.frozen(NOW), scope(body_id):
        return permissions.allows(actor, code, area_id=area_id)


@pytest.mark.parametrize(
    ("role", "code", "answer"),
    [
        ("reader", "protocol.view", True),
        ("reader", "protocol.register", False),
        ("protocol_clerk", "protocol.register", True),
        ("protocol_clerk", "records.store", True),
        ("protocol_clerk", "protocol.annul", False),
        ("records_manager", "protocol.annul", True),
        ("records_manager", "exchange.handle_incident", True),
        ("records_manager", "admin.people", False),
        ("administrator", "admin.people", True),
        ("administrator", "protocol.view", False),
        ("a role that no package declares", "protocol.view", False),
    ],
)
def test_a_role_allows_what_it_lists(role: str, code: str, answer: bool) -> None:
    assert allowed(clerk(role), code) is answer


def test_a_grant_in_one_body_opens_no_other() -> None:
    assert allowed(clerk(), "protocol.view")
    assert not allowed(clerk(), "protocol.view", body_id=OTHER_BODY)


def test_a_grant_for_one_area_opens_no_other() -> None:
    actor = clerk(area_id=AREA)
    assert allowed(actor, "protocol.view")
    assert not allowed(actor, "protocol.view", area_id=OTHER_AREA)
    assert not allowed(actor, "protocol.view", area_id=None), "asking for no area is asking for all of them"
    assert allowed(actor, "records.store", area_id=None), "documents are the body's, not an area's"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "answer"),
    [
        (NOW, None, True),
        (NOW + timedelta(microseconds=1), None, False),
        (NOW - timedelta(days=2), NOW, False),
        (NOW - timedelta(days=2), NOW + timedelta(microseconds=1), True),
    ],
)
def test_a_grant_holds_between_its_instants(
    valid_from: datetime, valid_to: datetime | None, answer: bool
) -> None:
    assert allowed(clerk(valid_from=valid_from, valid_to=valid_to), "protocol.view") is answer


def test_the_node_may_do_all_and_a_peer_only_what_peers_may() -> None:
    assert allowed(Actor.system("exchange"), "protocol.annul")
    peer = Actor.peer("A1B2C3D")
    assert allowed(peer, "protocol.register_incoming")
    assert not allowed(peer, "protocol.view")


def test_even_the_node_needs_a_scope() -> None:
    with pytest.raises(ScopeMissing):
        permissions.allows(Actor.system("exchange"), "protocol.view")


def test_forbidden_reads_like_not_found() -> None:
    with scope(OTHER_BODY), pytest.raises(NotVisible) as caught:
        permissions.require(clerk(), "protocol.view", area_id=AREA)
    assert isinstance(caught.value, Forbidden)
    assert str(caught.value) == str(NotVisible())


def test_a_permission_that_nobody_declared_is_a_fault_of_the_code() -> None:
    with scope(BODY), pytest.raises(permissions.UnknownPermission):
        permissions.allows(clerk(), "protocol.viwe")
    with pytest.raises(permissions.UnknownPermission):
        permissions.register_role("dreamer", "Dreamer", ["protocol.dream"])


def test_a_package_extends_a_role_and_no_two_describe_a_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "_permissions", dict(permissions._permissions))
    monkeypatch.setattr(permissions, "_roles", dict(permissions._roles))
    permissions.register_permission("albo.publish", "Publish acts")
    permissions.extend_role("protocol_clerk", ["albo.publish"])
    assert allowed(clerk(), "albo.publish")
    assert allowed(clerk(), "protocol.view")
    with pytest.raises(ValueError, match="in other words"):
        permissions.register_permission("albo.publish", "Publish", per_area=True)


def test_roles_of_machines_are_not_offered() -> None:
    assert "peer" not in [role.code for role in permissions.roles()]
