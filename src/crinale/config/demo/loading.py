"""Puts the bodies of the network on a node: areas, offices, registers, people. Twice does no harm.

By the functions of the administrator's commands; only the plan, and leaving what is there, is its own.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.config.administration import areas, bodies, finding, mailboxes, people
from crinale.config.administration.operators import Operator
from crinale.config.demo import network
from crinale.spine import tenancy
from crinale.spine.exchange import queries as exchange_queries
from crinale.spine.identity import Actor
from crinale.spine.identity import queries as people_queries
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from crinale.config.demo.network import BodyPlan, NodePlan
    from crinale.spine.identity.models import Person
    from crinale.spine.tenancy.queries import AreaRef, BodyRef

CLERK_ROLES = ("protocol_clerk", "records_manager")
_LOADER = Operator(actor=Actor.system("demonstration"), user="demonstration")


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
        body = _know_body(plan)
        endpoint = f"{endpoint_prefix}/aoo/{plan.aoo_code}"
        area = tenancy_queries.area_by_code(plan.aoo_code)
        if area is None:
            area = areas.add_area(
                operator=_LOADER, body=body, code=plan.aoo_code, name=plan.aoo_name, endpoint=endpoint
            )
        elif area.endpoint != endpoint:
            area = areas.set_area(operator=_LOADER, area=area, endpoint=endpoint)
        known = {office.code for office in tenancy_queries.offices(area_id=area.id)}
        for office in plan.offices:
            if office.code not in known:
                areas.add_office(operator=_LOADER, area=area, code=office.code, name=office.name)
        _load_mailbox(plan, area)


def _load_mailbox(plan: BodyPlan, area: AreaRef) -> None:
    """A certified mailbox, whose servers are a folder: host names and password do not count."""
    with tenancy.scope(area.body_id):
        known = exchange_queries.mailboxes(actor=_LOADER.actor, area_id=area.id)
    if plan.mail not in {one.address for one in known}:
        mailboxes.add_mailbox(
            operator=_LOADER,
            area=area,
            address=plan.mail,
            password=secrets.token_urlsafe(16),
            certified=True,
            imap_host="localhost",
            smtp_host="localhost",
        )


def _know_body(plan: BodyPlan) -> BodyRef:
    return tenancy_queries.body_by_ipa_code(plan.ipa_code) or bodies.add_body(
        operator=_LOADER,
        ipa_code=plan.ipa_code,
        name=plan.name,
        kind=plan.kind,
        istat_code=plan.istat_code,
        patron_day=plan.patron_day,
        union=plan.union,
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
        union = finding.body(network.UNION.ipa_code)
        held = {member.ipa_code for member in tenancy_queries.members(union.id)}
        for member in members:
            if member.ipa_code not in held:
                bodies.join_union(
                    operator=_LOADER,
                    union=union.ipa_code,
                    member=member.ipa_code,
                    valid_from=member.member_since,
                )


def _load_clerk(plan: BodyPlan, password: str) -> None:
    if people_queries.person_by_username(plan.clerk_username) is not None:
        return
    with transaction.atomic():
        person = people.add_person(
            operator=_LOADER,
            username=plan.clerk_username,
            name=f"{plan.clerk_first_name} {plan.clerk_last_name}",
            password=password,
            email=f"{plan.clerk_username}@{plan.key}.example",
        )
        for role in CLERK_ROLES:
            _grant(person, plan, role, since=plan.member_since)


def _load_union_clerk(node: NodePlan, password: str) -> None:
    if people_queries.person_by_username(network.UNION_CLERK_USERNAME) is not None:
        return
    with transaction.atomic():
        person = people.add_person(
            operator=_LOADER,
            username=network.UNION_CLERK_USERNAME,
            name=f"{network.UNION_CLERK_FIRST_NAME} {network.UNION_CLERK_LAST_NAME}",
            password=password,
            email=f"{network.UNION_CLERK_USERNAME}@{network.UNION.key}.example",
        )
        for body in network.bodies_of_union_clerk(node):
            _grant(person, body, "protocol_clerk", since=network.ASSOCIATED_SERVICE_SINCE)


def _grant(person: Person, plan: BodyPlan, role: str, *, since: date) -> None:
    people.grant(
        operator=_LOADER, person=person, body=finding.body(plan.ipa_code), role=role, valid_from=since
    )
