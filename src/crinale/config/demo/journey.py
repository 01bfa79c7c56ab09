"""The main job, step by step: register, seal, send, and wait for the recipient's number (InterPro, scheda 3).

It runs in a process of the sender's node, through the same doors as the pages.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import CrinaleError, NotVisible
from crinale.spine import tenancy
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange import queries as exchange_queries
from crinale.spine.identity import Actor
from crinale.spine.identity import queries as people
from crinale.spine.protocol.queries import EnclosureData, PartyData
from crinale.spine.records import actions as records
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from crinale.spine.exchange.queries import MessageRow, TimelineEntry
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.tenancy.queries import AreaRef

_LOOK_EVERY_SECONDS = 0.02
SETTLED = frozenset({"registered", "refused", "failed", "delivered", "withdrawn"})


class NoSuchArea(CrinaleError):
    """No registry area with this code is served by this node."""


class NoSuchPerson(CrinaleError):
    """Nobody on this node has the user name that was given with --as."""


class NotInIndex(CrinaleError):
    """The index of areas has no address for the recipient, neither of the exchange nor of mail."""


@dataclass(frozen=True)
class Sent:
    """A registered document and its message to one recipient."""

    area: AreaRef
    registration: RegistrationView
    messages: tuple[MessageRow, ...]


@dataclass(frozen=True)
class Progress:
    """One step, when it happened and how long after the beginning."""

    text: str
    at: datetime
    after_ms: int


def sending_area(code: str) -> AreaRef:
    """The area of this node with a code.

    :raises NoSuchArea: when it is not here.
    """
    area = tenancy_queries.area_by_code(code)
    if area is None:
        message = f"No registry area {code} is served by this node."
        raise NoSuchArea(message)
    return area


def recipient(code: str) -> PartyData:
    """A recipient as the index knows it, or whoever has a mail address.

    :raises NotInIndex: when the index does not have it.
    """
    if "@" in code:
        address = code.strip().lower()
        return PartyData(kind="legal_person", name=address, email=address)
    row = exchange_queries.areas_by_code([code.strip().upper()]).get(code.strip().upper())
    if row is None or not (row.reachable or row.emails):
        message = f"The index of areas has no address for {code}."
        raise NotInIndex(message)
    return PartyData(
        kind="administration",
        name=row.body_name,
        ipa_code=row.ipa_code,
        aoo_code=row.aoo_code,
        aoo_name=row.aoo_name,
    )


def actor_named(username: str | None) -> Actor:
    """The clerk with a user name; the node itself when none is named.

    :raises NoSuchPerson: when nobody here has that name, or the account is closed.
    """
    if username is None:
        return Actor.system("command")
    person = people.person_by_username(username)
    try:
        if person is not None:
            return people.actor_for_person(person.id)
    except NotVisible:
        pass
    message = f"--as {username}: nobody on this node signs in with this user name."
    raise NoSuchPerson(message)


def register_and_send(
    *,
    actor: Actor,
    from_code: str,
    to_codes: Sequence[str],
    subject: str,
    classification: str,
    files: Sequence[Path],
) -> Sent:
    """Store the files, the first as primary document, register them and hand them to the exchange.

    :raises Invalid: when something must be corrected before a number is taken.
    """
    area = sending_area(from_code)
    recipients = [recipient(code) for code in to_codes]
    with tenancy.scope(area.body_id):
        documents = []
        for file in files:
            with file.open("rb") as stream:
                stored = records.store_document(actor=actor, file_name=file.name, stream=stream)
            documents.append(EnclosureData(document_id=stored.id))
        registration = exchange.register_and_send(
            actor=actor,
            area_id=area.id,
            subject=subject,
            classification=classification,
            recipients=recipients,
            documents=documents,
        )
        messages = exchange_queries.messages_of_registration(actor=actor, registration_id=registration.id)
    return Sent(area, registration, tuple(messages))


def follow(
    sent: Sent, *, actor: Actor, seconds: float, tell: Callable[[Progress], None]
) -> tuple[MessageRow, ...]:
    """Tell each receipt as it comes, until all messages are settled or the time is over."""
    begin = sent.registration.registered_at
    seen: set[tuple[UUID, int]] = set()
    deadline = time.monotonic() + seconds
    with tenancy.scope(sent.area.body_id):
        while True:
            registration_id = sent.registration.id
            messages = exchange_queries.messages_of_registration(actor=actor, registration_id=registration_id)
            for step in exchange_queries.timeline(actor=actor, registration_id=registration_id):
                if (step.message_id, step.seq) not in seen:
                    seen.add((step.message_id, step.seq))
                    tell(_progress(step, begin))
            if all(message.state in SETTLED for message in messages) or time.monotonic() > deadline:
                return tuple(messages)
            time.sleep(_LOOK_EVERY_SECONDS)


def _progress(step: TimelineEntry, begin: datetime) -> Progress:
    took = f" (answer in {step.round_trip_ms} ms)" if step.round_trip_ms is not None else ""
    return Progress(f"{step.sentence}{took}", step.at, round((step.at - begin).total_seconds() * 1000))
