"""What of a registration may be corrected, and what only an annulment may touch.

Number, date, subject, senders, recipients and the digests of the documents may not be changed (DPR 445/2000
art. 53 c.1); of the rest both values stay visible and comparable (art. 54; AgID guidelines 3.1.5). A document
cannot be added either: it is registered on its own and linked as an integration.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.views import ReceivedReference

if TYPE_CHECKING:
    from crinale.spine.protocol.views import CorrectionView, PartyView, RegistrationView

Part = Literal["", "documents", "senders", "recipients"]
_OF_REGISTRATION: Final = frozenset({"channel", "arrived_at", "received_number", "received_date"})
_OF_PART: Final = re.compile(
    r"(?P<part>documents)\.(?P<position>[0-9]{1,5})\.(?P<name>description)"
    r"|(?P<party>senders|recipients)\.(?P<place>[0-9]{1,5})\.(?P<contact>email|phone|postal_address)"
)


@dataclass(frozen=True, slots=True)
class Correctable:
    """A value that may be corrected: of the registration, or of one document, sender or recipient of it."""

    name: str
    part: Part = ""
    position: int = 0


def correctable(field: str) -> Correctable:
    """Read the path of a value, such as ``channel`` or ``recipients.0.email``.

    :raises Invalid: with the lawful remedy, for what may not be corrected.
    """
    if field in _OF_REGISTRATION:
        return Correctable(field)
    found = _OF_PART.fullmatch(field)
    if found is not None and found["part"]:
        return Correctable(found["name"], "documents", int(found["position"]))
    if found is not None:
        party: Part = "senders" if found["party"] == "senders" else "recipients"
        return Correctable(found["contact"], party, int(found["place"]))
    if field.startswith("documents"):
        raise Invalid(
            field,
            "nothing can be added to a registration or changed in its documents: register the document on "
            "its own, and link it to this registration as an integration",
        )
    raise Invalid(
        field,
        "this cannot be corrected: annul the registration with the act that allows it, and register the "
        "document again (DPR 445/2000 art. 54)",
    )


def value_of(view: RegistrationView, field: str) -> str:
    """Return the present value at a path, as text; an instant as ISO 8601 in UTC.

    :raises Invalid: when it may not be corrected, or there is no such document, sender or recipient.
    """
    found = correctable(field)
    if found.part == "documents":
        documents = view.documents
        return documents[_place(field, found, len(documents))].description
    if found.part:
        parties = _parties(view, found.part)
        return str(getattr(parties[_place(field, found, len(parties))].data, found.name))
    if found.name == "channel":
        return view.channel
    if found.name == "arrived_at":
        return view.arrived_at.astimezone(dt.UTC).isoformat() if view.arrived_at else ""
    received = view.received or ReceivedReference()
    if found.name == "received_number":
        return received.number
    return received.date.isoformat() if received.date else ""


def with_correction(view: RegistrationView, correction: CorrectionView) -> RegistrationView:
    """Return a registration as one correction made it."""
    found, after = correctable(correction.field), correction.after
    if found.part == "documents":
        changed = [
            replace(one, description=after) if number == found.position else one
            for number, one in enumerate(view.documents)
        ]
        return replace(view, documents=tuple(changed))
    if found.part:
        contact: dict[str, Any] = {found.name: after}
        parties = tuple(
            replace(one, data=replace(one.data, **contact)) if number == found.position else one
            for number, one in enumerate(_parties(view, found.part))
        )
        return (
            replace(view, senders=parties) if found.part == "senders" else replace(view, recipients=parties)
        )
    if found.name == "channel":
        return replace(view, channel=after)
    if found.name == "arrived_at":
        return replace(view, arrived_at=dt.datetime.fromisoformat(after) if after else None)
    received = view.received or ReceivedReference()
    if found.name == "received_number":
        received = replace(received, number=after)
    else:
        received = replace(received, date=dt.date.fromisoformat(after) if after else None)
    return replace(view, received=None if received == ReceivedReference() else received)


def _parties(view: RegistrationView, part: Part) -> tuple[PartyView, ...]:
    return view.senders if part == "senders" else view.recipients


def _place(field: str, found: Correctable, count: int) -> int:
    if found.position >= count:
        raise Invalid(field, "there is no such document, sender or recipient: choose one of those registered")
    return found.position
