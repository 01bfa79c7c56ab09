"""Reads of one message with prepared SQL: an exchange makes a dozen, and the ORM would compile each anew."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from crinale.spine.exchange.models import Message
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy.models import Area
from crinale.spine.tenancy.statements import first

if TYPE_CHECKING:
    from uuid import UUID

_FIELDS: Final = tuple(Message._meta.concrete_fields)  # noqa: SLF001  the public way to a model's columns
_NAMES: Final = tuple(one.attname for one in _FIELDS)
_JSON: Final = tuple(
    position
    for position, one in enumerate(_FIELDS)
    if one.attname in {"sender_identifier", "recipient_identifier"}
)
_COLUMNS: Final = ", ".join(str(one.column) for one in _FIELDS)
_SELECT: Final = f"select {_COLUMNS} from exchange_message where body_id = %s and "  # noqa: S608  our own names

BY_ID: Final = "id = %s"
DUE: Final = "id = %s and next_attempt_at <= %s and errand <> ''"
# what came by the exchange of Allegato 6 goes before what came by mail
ACCEPTED: Final = (
    "area_id = %s and sender_key = %s and direction = 'in' and accepted_at is not null"
    " order by channel, id limit 1"
)
ARRIVED: Final = (
    "area_id = %s and sender_key = %s and counterpart_aoo = %s and segnatura_sha256 = %s and direction = 'in'"
    " and channel = 'aoo'"
)
SENT: Final = (
    "area_id = %s and sender_key = %s and counterpart_aoo = %s and direction = 'out' and channel = 'aoo'"
)
MAILED: Final = "mail_message_id = %s and direction = 'out'"
ARRIVED_BY_MAIL: Final = (
    "area_id = %s and sender_key = %s and direction = 'in' and channel = %s and address = %s"
    " and (accepted_at is not null or segnatura_sha256 = %s) order by accepted_at nulls last, id limit 1"
)


def message_where(condition: str, *values: Any, lock: bool = False) -> Message | None:
    """Return the message of the open scope that a condition of this module finds, locked if asked.

    :raises ScopeMissing: when no scope is open.
    """
    row = first(_SELECT + condition + (" for update" if lock else ""), [current_body(), *values])
    if row is None:
        return None
    read = list(row)
    for position in _JSON:
        if isinstance(read[position], str):  # Django leaves jsonb as text
            read[position] = json.loads(read[position])
    return Message.from_db(connection.alias, _NAMES, read)


@lru_cache(maxsize=1024)
def area_code(area_id: UUID) -> str:
    """Return the code of an area of this node; an area keeps its code for life."""
    return Area.objects.values_list("code", flat=True).get(id=area_id)
