"""Open the registers of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.codes import check_register_code
from crinale.kernel.errors import Conflict, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.models import Register
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy.models import Area

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor

ORDINARY, EMERGENCY = "PG", "PGE"


class RegisterIsOpen(Conflict):
    """This area has its protocol register already."""


def open_register(
    *, actor: Actor, area_id: UUID, code: str = ORDINARY, opened_on: date | None = None
) -> UUID:
    """Open the ordinary register of an area, and the emergency one beside it; return the ordinary one's id.

    ``opened_on`` is the first day that has a daily register; today by default.

    :raises RegisterIsOpen: when the area has one.
    """
    permissions.require(actor, "admin.areas")
    area = Area.objects.filter(id=area_id, body_id=current_body()).first()
    if area is None:
        raise NotVisible
    day = opened_on or clock.today()
    ordinary = Register(
        area=area,
        code=check_register_code(code),
        kind=RegisterKind.ORDINARY,
        name="Protocollo generale",
        opened_on=day,
    )
    emergency = Register(
        area=area, code=EMERGENCY, kind=RegisterKind.EMERGENCY, name="Registro di emergenza", opened_on=day
    )
    with transaction.atomic():
        if Register.objects.select_for_update().filter(area=area, kind=RegisterKind.ORDINARY).exists():
            raise RegisterIsOpen
        for register in (ordinary, emergency):
            register.save(force_insert=True)
            audit.write(
                facts.RegisterOpened(subject_id=register.id, area_id=area.id, code=register.code), actor=actor
            )
    return ordinary.id
