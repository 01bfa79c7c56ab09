"""Bodies, areas and people: whether each area can register, receive and be worked in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.config.administration.checkup.findings import Finding, bad, good, warning
from crinale.kernel import clock
from crinale.spine import tenancy
from crinale.spine.identity import queries as people_queries
from crinale.spine.protocol import queries as protocol
from crinale.spine.records import queries as records
from crinale.spine.tenancy import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome
    from crinale.spine.tenancy.queries import AreaRef


def areas(home: NodeHome) -> Iterator[Finding]:
    """Each area has a register, a plan with its default heading, and an address."""
    served = queries.areas()
    if not served and not home.settings().get("node", {}).get("hub"):
        yield bad("areas", "this node serves no area", "crinale body add, then crinale area add")
    for area in served:
        found = list(_area(area))
        yield from found or [good(f"area {area.code}", f"{area.name}, {area.body_name}")]


def _area(area: AreaRef) -> Iterator[Finding]:
    subject = f"area {area.code}"
    with tenancy.scope(area.body_id):
        if protocol.register_of_area(area_id=area.id) is None:
            yield bad(subject, "it has no register", "it was not made with `crinale area add`: open one")
        heading = area.default_classification
        if heading not in records.headings([heading]):
            remedy = f"crinale area set {area.code} --default-class CODE"
            yield bad(subject, f"its default heading {heading!r} is not in the filing plan", remedy)
    if not area.endpoint:
        yield warning(
            subject, "it has no address", f"crinale area set {area.code} --endpoint https://HOST:PORT"
        )
    if not queries.offices(area_id=area.id):
        yield warning(subject, "it has no offices", f"crinale office add CODE --area {area.code} --name NAME")


def people(_home: NodeHome) -> Iterator[Finding]:
    """Each body with areas has somebody who registers, and somebody who answers for the register."""
    held = [grant for one in people_queries.people() if one.active for grant in people_queries.grants(one.id)]
    now = clock.now()
    holding = [one for one in held if one.valid_from <= now and (one.valid_to is None or one.valid_to > now)]
    for body in {area.body_id: area for area in queries.areas()}.values():
        roles = {one.role for one in holding if one.body_id == body.body_id}
        grant = f"crinale role grant --person USERNAME --body {body.body_ipa} --role"
        if not roles & {"protocol_clerk", "records_manager"}:
            yield bad(f"people of {body.body_ipa}", "nobody may register", f"{grant} protocol_clerk")
        elif "records_manager" not in roles:
            seen = "nobody answers for the register (annulments, emergencies, incidents)"
            yield warning(f"people of {body.body_ipa}", seen, f"{grant} records_manager")
        else:
            yield good(f"people of {body.body_ipa}", "somebody registers, somebody answers for the register")


def daily_registers(_home: NodeHome) -> Iterator[Finding]:
    """Each day's register is frozen and with preservation by the next working day."""
    late = undelivered = 0
    for body in queries.bodies():
        with tenancy.scope(body.id):
            late += protocol.overdue_days()
            undelivered += protocol.undelivered_days()
    if late:
        yield bad(
            "daily registers", f"{late} should be frozen and are not", "see that the worker runs, and its log"
        )
    else:
        yield good("daily registers", "none is late")
    if undelivered:
        yield bad(
            "preservation",
            f"{undelivered} daily registers should be delivered and are not",
            "see [preservation] in node.toml, then the page of the daily registers for refusals",
        )
    else:
        yield good("preservation", "no daily register is late")
