"""Registry areas and what they need on their first day: plan, registers, offices (DPR 445/2000 art. 50)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.db import transaction

from crinale.config.administration import facts, finding
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy
from crinale.spine.exchange.rules.index import check_endpoint
from crinale.spine.identity import actions as identity
from crinale.spine.protocol import actions as protocol
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.tenancy import actions
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from datetime import date

    from crinale.config.administration.operators import Operator
    from crinale.spine.records.queries import PlanDifference
    from crinale.spine.tenancy.queries import AreaRef, BodyRef, OfficeRef

REGISTER_CODE: Final = "PG"
PLAN_NAME: Final = "Piano di classificazione"
# In the model plan: where a message goes that its sender files under a heading unknown here.
MODEL_DEFAULT: Final = "1.8"


@dataclass(frozen=True, kw_only=True)
class FilingPlanText:
    """A filing plan as a person brings it: a CSV with `code` and `title`."""

    name: str
    text: str


def model_plan() -> FilingPlanText:
    """The model plan for municipalities."""
    return FilingPlanText(name=PLAN_NAME, text=records.municipal_plan())


def add_area(
    *,
    operator: Operator,
    body: BodyRef,
    code: str,
    name: str,
    register_code: str = REGISTER_CODE,
    registers_incoming: str = "automatic",
    default_classification: str | None = None,
    endpoint: str = "",
    plan: FilingPlanText | None = None,
) -> AreaRef:
    """Add a registry area with its registers, and a filing plan: the given one, or else the model.

    :raises Invalid: naming what is not well formed, or the code that is taken.
    """
    if (known := tenancy_queries.area_by_code(code)) is not None:
        raise Invalid("aoo_code", f"{known.code} is served here already: {known.name}")
    with transaction.atomic():
        made = actions.create_area(
            body_id=body.id,
            code=code,
            name=name,
            registers_incoming=registers_incoming,
            endpoint=complete_endpoint(endpoint, code),
        )
        with tenancy.scope(body.id):
            if plan is not None or not records_queries.classifications():
                chosen = plan or model_plan()
                records.import_filing_plan(actor=operator.actor, name=chosen.name, text=chosen.text)
            heading = check_heading(
                MODEL_DEFAULT if default_classification is None else default_classification
            )
            actions.update_area(area_id=made.id, default_classification=heading)
            check_defaults(body)
            fact = facts.AreaCreated(
                operator=operator.user,
                subject_id=made.id,
                code=made.code,
                name=made.name,
                registers_incoming=made.registers_incoming,
                default_classification=heading,
                endpoint=made.endpoint,
            )
            audit.write(fact, actor=operator.actor)
            protocol.open_register(actor=operator.actor, area_id=made.id, code=register_code)
    return finding.area(made.code)


def set_area(
    *,
    operator: Operator,
    area: AreaRef,
    registers_incoming: str | None = None,
    default_classification: str | None = None,
    endpoint: str | None = None,
) -> AreaRef:
    """Change what may change of an area.

    :raises Invalid: when nothing is to change, or to something that is not well formed.
    """
    wanted = {
        "registers_incoming": registers_incoming,
        "default_classification": default_classification,
        "endpoint": None if endpoint is None else complete_endpoint(endpoint, area.code),
    }
    changes = {
        key: value for key, value in wanted.items() if value is not None and value != getattr(area, key)
    }
    if not changes:
        raise Invalid("area", "say what is to change: --incoming, --default-class or --endpoint")
    with transaction.atomic(), tenancy.scope(area.body_id):
        if "default_classification" in changes:
            check_heading(changes["default_classification"])
        actions.update_area(area_id=area.id, **changes)
        fact = facts.AreaChanged(operator=operator.user, subject_id=area.id, code=area.code, changes=changes)
        audit.write(fact, actor=operator.actor)
    return finding.area(area.code)


def add_office(
    *,
    operator: Operator,
    area: AreaRef,
    code: str,
    name: str,
    parent: str | None = None,
    opened_on: date | None = None,
    ipa_code: str = "",
    email: str = "",
    phone: str = "",
) -> None:
    """Add an office to an area, under another one of the same area if one is named.

    :raises Invalid: when the code is taken in the body, or the parent is unknown.
    """
    above = None if parent is None else finding.office(area, parent)
    try:
        identity.open_office(
            actor=operator.actor,
            area_id=area.id,
            code=code,
            name=name,
            parent_id=above.id if above else None,
            opened_on=opened_on,
            ipa_code=ipa_code,
            email=email,
            phone=phone,
        )
    except actions.CodeTaken as error:
        raise Invalid("code", f"{area.body_name} has an office {code.strip()} already") from error


def move_office(
    *,
    operator: Operator,
    office: OfficeRef,
    on: date,
    parent: OfficeRef | None,
    name: str | None = None,
) -> None:
    """Put an office under another one, or under none, from a day on; and call it otherwise."""
    identity.move_office(
        actor=operator.actor,
        office_id=office.id,
        on=on,
        parent_id=parent.id if parent else None,
        name=name,
    )


def close_office(*, operator: Operator, office: OfficeRef, on: date) -> None:
    """Close an office with its posts; `on` is the first day without it.

    :raises Invalid: when offices stand under it then.
    """
    try:
        identity.close_office(actor=operator.actor, office_id=office.id, on=on)
    except actions.OfficeInUse as error:
        raise Invalid("code", "other offices stand under it: move or close them first") from error


def import_plan(
    *, operator: Operator, body: BodyRef, plan: FilingPlanText, valid_from: date | None = None
) -> int:
    """Bring another edition of a body's filing plan into force on a day, today if none is given.

    Return its headings. The edition before it ends on that day.

    :raises Invalid: when the plan cannot be read, or lacks the default heading of one of the body's areas.
    """
    with transaction.atomic(), tenancy.scope(body.id):
        count = records.import_filing_plan(
            actor=operator.actor, name=plan.name, text=plan.text, valid_from=valid_from
        )
        check_defaults(body, on=valid_from)
    return count


def preview_plan(*, operator: Operator, body: BodyRef, plan: FilingPlanText) -> PlanDifference:
    """Say what an edition would change of the one in force; nothing is changed.

    :raises Invalid: when the plan cannot be read.
    """
    with tenancy.scope(body.id):
        return records_queries.plan_difference(actor=operator.actor, text=plan.text)


def withdraw_plan(*, operator: Operator, body: BodyRef, reason: str) -> str:
    """Withdraw the edition that waits for its day; return its name.

    :raises Invalid: when none waits, or no reason is given.
    """
    with transaction.atomic(), tenancy.scope(body.id):
        known = records_queries.editions(actor=operator.actor)
        waiting = next((one for one in known if one.state == "future"), None)
        if waiting is None:
            raise Invalid("plan", f"no edition of {body.name} waits for its day")
        records.withdraw_filing_plan(actor=operator.actor, plan_id=waiting.id, reason=reason)
    return waiting.name


def check_heading(code: str) -> str:
    """Check that a default heading exists in the filing plan of the open scope.

    :raises Invalid: when it does not.
    """
    if code not in records_queries.headings([code]):
        raise Invalid(
            "default_classification",
            f"the filing plan has no heading {code!r}: choose one with `titolario show`",
        )
    return code


def check_defaults(body: BodyRef, *, on: date | None = None) -> None:
    """Check that the plan of a day has the default heading of every area of the body, whose scope is open.

    :raises Invalid: naming the area.
    """
    for area in tenancy_queries.areas(body_id=body.id):
        if area.default_classification not in records_queries.headings([area.default_classification], on=on):
            raise Invalid(
                "file",
                f"this plan lacks the heading {area.default_classification}, the default of {area.code}:"
                f" add it, or first `crinale area set {area.code} --default-class CODE` with one in both",
            )


def complete_endpoint(url: str, code: str) -> str:
    """The prefix of an area's services; `https://host:port` alone gets the path where this node serves it.

    :raises Invalid: when it is not an https URL.
    """
    checked = check_endpoint(url)
    return f"{checked}/aoo/{code.strip().upper()}" if checked and not urlsplit(checked).path else checked
