"""Puts the bodies of the network on a node: areas, offices, registers, filing plans, people. Twice does no harm."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.config.demo import network
from crinale.kernel.clock import ROME
from crinale.spine import tenancy
from crinale.spine.identity import Actor
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol import queries as protocol_queries
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.tenancy import actions as bodies
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from crinale.config.demo.network import BodyPlan, NodePlan

REGISTER_CODE = "PG"
# Where a message goes whose sender files it under a heading that the recipient does not have.
DEFAULT_HEADING = "1.8"
FILING_PLAN_NAME = "Piano di classificazione"
CLERK_ROLES = ("protocol_clerk", "records_manager")
_NAMES = uuid.UUID("7d0c2f0e-41a2-5b6a-9c55-3c5c1b7e9a10")
_SYSTEM = Actor.system("demonstration")


def body_id(plan: BodyPlan) -> uuid.UUID:
    """The same on every node, so that a body known as a member here can move here."""
    return uuid.uuid5(_NAMES, plan.ipa_code)


def load(plan: NodePlan, *, endpoint_prefix: str, secret_words: Mapping[str, str]) -> None:
    """Bring a node to its plan; `endpoint_prefix` is the address of its machine listener."""
    for body in plan.bodies:
        _load_body(body, endpoint_prefix=endpoint_prefix)
    _load_union(plan)
    for body in plan.bodies:
        _load_clerk(body, secret_words[body.clerk_username])
    if network.bodies_of_union_clerk(plan):
        _load_union_clerk(plan, secret_words[network.UNION_CLERK_USERNAME])


def _load_body(plan: BodyPlan, *, endpoint_prefix: str) -> None:
    with transaction.atomic():
        _know_body(plan)
        endpoint = f"{endpoint_prefix}/aoo/{plan.aoo_code}"
        area = tenancy_queries.area_by_code(plan.aoo_code)
        if area is None:
            bodies.create_area(
                body_id=body_id(plan),
                code=plan.aoo_code,
                name=plan.aoo_name,
                endpoint=endpoint,
                default_classification=DEFAULT_HEADING,
            )
        elif area.endpoint != endpoint:
            bodies.update_area(area_id=area.id, endpoint=endpoint)
        area = tenancy_queries.area_by_code(plan.aoo_code)
        assert area is not None  # noqa: S101  made above
        known = {office.code for office in tenancy_queries.offices(area_id=area.id)}
        for office in plan.offices:
            if office.code not in known:
                bodies.create_office(area_id=area.id, code=office.code, name=office.name)
        with tenancy.scope(body_id(plan)):
            _open_registers(area.id)


def _know_body(plan: BodyPlan) -> None:
    if tenancy_queries.body_by_ipa_code(plan.ipa_code) is None:
        bodies.create_body(
            ipa_code=plan.ipa_code,
            name=plan.name,
            kind=plan.kind,
            istat_code=plan.istat_code,
            patron_day=plan.patron_day,
            union=plan.union,
            body_id=body_id(plan),
        )


def _load_union(plan: NodePlan) -> None:
    """Know the union and those of its members that concern this node: all of them on the union's own."""
    here = {body.key for body in plan.bodies}
    everybody = {body.key: body for body in network.bodies()}
    members = [everybody[key] for key in network.UNION.members if key in here or network.UNION.key in here]
    if not members:
        return
    with transaction.atomic():
        for body in (network.UNION, *members):
            _know_body(body)
        held = {member.ipa_code for member in tenancy_queries.members(body_id(network.UNION))}
        for member in members:
            if member.ipa_code not in held:
                bodies.add_member(
                    union_id=body_id(network.UNION), member_id=body_id(member), valid_from=member.member_since
                )


def _load_clerk(plan: BodyPlan, password: str) -> None:
    if people.person_by_username(plan.clerk_username) is not None:
        return
    with transaction.atomic():
        person = identity.create_person(
            actor=_SYSTEM,
            username=plan.clerk_username,
            name=f"{plan.clerk_first_name} {plan.clerk_last_name}",
            password=password,
            email=f"{plan.clerk_username}@{plan.key}.example",
        )
        for role in CLERK_ROLES:
            _grant(person.id, plan, role, since=plan.member_since)


def _load_union_clerk(node: NodePlan, password: str) -> None:
    if people.person_by_username(network.UNION_CLERK_USERNAME) is not None:
        return
    with transaction.atomic():
        person = identity.create_person(
            actor=_SYSTEM,
            username=network.UNION_CLERK_USERNAME,
            name=f"{network.UNION_CLERK_FIRST_NAME} {network.UNION_CLERK_LAST_NAME}",
            password=password,
            email=f"{network.UNION_CLERK_USERNAME}@{network.UNION.key}.example",
        )
        for body in network.bodies_of_union_clerk(node):
            _grant(person.id, body, "protocol_clerk", since=network.ASSOCIATED_SERVICE_SINCE)


def _grant(person_id: uuid.UUID, plan: BodyPlan, role: str, *, since: date) -> None:
    start = datetime.combine(since, time(0), ROME).astimezone(UTC)
    identity.grant_role(actor=_SYSTEM, person_id=person_id, body_id=body_id(plan), role=role, valid_from=start)


def _open_registers(area_id: uuid.UUID) -> None:
    """Give the area of the open scope a filing plan and its one register."""
    if not records_queries.classifications():
        records.import_filing_plan(actor=_SYSTEM, name=FILING_PLAN_NAME, text=records.municipal_plan())
    if protocol_queries.register_of_area(area_id=area_id) is None:
        protocol.open_register(actor=_SYSTEM, area_id=area_id, code=REGISTER_CODE)
