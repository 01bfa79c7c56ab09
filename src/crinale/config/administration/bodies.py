"""Bodies of a node and the unions that they form (D.Lgs. 267/2000 art. 32)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q

from crinale.config.administration import facts, finding
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy
from crinale.spine.tenancy import actions
from crinale.spine.tenancy import queries as tenancy_queries
from crinale.spine.tenancy.models import Membership
from crinale.spine.tenancy.rules import NotAUnion, OverlappingMembership

if TYPE_CHECKING:
    from datetime import date

    from crinale.config.administration.operators import Operator
    from crinale.spine.tenancy.queries import BodyRef

_NAMES: Final = uuid.UUID("7d0c2f0e-41a2-5b6a-9c55-3c5c1b7e9a10")


def body_id(ipa_code: str) -> uuid.UUID:
    """The identity of a body, the same everywhere: known here as a member of a union, it can move here."""
    return uuid.uuid5(_NAMES, ipa_code.strip().casefold())


@dataclass(frozen=True, kw_only=True)
class MembershipView:
    """A body in a union, from a day until its first day outside."""

    union_name: str
    member_name: str
    valid_from: date
    valid_to: date | None


def memberships(body: BodyRef) -> list[MembershipView]:
    """The memberships of a body, as a member and as a union, past and future ones included, by day."""
    rows = Membership.objects.filter(Q(union_id=body.id) | Q(member_id=body.id))
    return [
        MembershipView(
            union_name=row.union.name,
            member_name=row.member.name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows.select_related("union", "member").order_by("valid_from", "id")
    ]


def add_body(
    *,
    operator: Operator,
    ipa_code: str,
    name: str,
    kind: str,
    istat_code: str = "",
    patron_day: str = "",
    union: bool = False,
) -> BodyRef:
    """Make a body known to the node.

    :raises Invalid: naming what is not well formed, or the code that is known already.
    """
    if (known := tenancy_queries.body_by_ipa_code(ipa_code)) is not None:
        raise Invalid("ipa_code", f"{known.ipa_code} is known here already: {known.name}")
    with transaction.atomic():
        made = actions.create_body(
            ipa_code=ipa_code,
            name=name,
            kind=kind,
            istat_code=istat_code,
            patron_day=patron_day,
            union=union or kind == "union",
            body_id=body_id(ipa_code),
        )
        with tenancy.scope(made.id):
            fact = facts.BodyCreated(
                operator=operator.user,
                subject_id=made.id,
                ipa_code=made.ipa_code,
                name=made.name,
                what=made.kind,
                istat_code=made.istat_code,
                patron_day=made.patron_day,
                union=made.union,
            )
            audit.write(fact, actor=operator.actor)
    return finding.body(made.ipa_code)


def join_union(
    *, operator: Operator, union: str, member: str, valid_from: date, valid_to: date | None = None
) -> None:
    """Enter a body in a union from a day, and until another (its first one outside) if that is known.

    :raises Invalid: when one of them is unknown, the union is none, or the days overlap with a membership
        there is.
    """
    joined, joining = finding.body(union, field="union"), finding.body(member, field="member")
    with transaction.atomic():
        try:
            made = actions.add_member(
                union_id=joined.id, member_id=joining.id, valid_from=valid_from, valid_to=valid_to
            )
        except NotAUnion as error:
            raise Invalid("union", f"{joined.name} is not a union; it was added without --union") from error
        except OverlappingMembership as error:
            raise Invalid(
                "valid_from", "the body belongs to this union already on one of these days"
            ) from error
        with tenancy.scope(joined.id):
            fact = facts.MembershipOpened(
                operator=operator.user,
                subject_id=made.id,
                union=joined.ipa_code,
                member=joining.ipa_code,
                valid_from=valid_from,
                valid_to=valid_to,
            )
            audit.write(fact, actor=operator.actor)


def leave_union(*, operator: Operator, union: str, member: str, valid_to: date) -> None:
    """End the membership of a body; `valid_to` is its first day outside.

    :raises Invalid: when it has none that is open.
    """
    left, leaving = finding.body(union, field="union"), finding.body(member, field="member")
    opened = Membership.objects.filter(union_id=left.id, member_id=leaving.id, valid_to=None)
    if not opened.exists():
        raise Invalid("member", f"{leaving.name} has no open membership in {left.name}")
    with transaction.atomic():
        ended = actions.close_membership(union_id=left.id, member_id=leaving.id, valid_to=valid_to)
        with tenancy.scope(left.id):
            fact = facts.MembershipClosed(
                operator=operator.user,
                subject_id=ended.id,
                union=left.ipa_code,
                member=leaving.ipa_code,
                valid_to=valid_to,
            )
            audit.write(fact, actor=operator.actor)
