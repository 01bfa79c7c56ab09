"""Which recipients get a document by mail, at which address, with which segnatura; and their messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine.exchange.actions import turns
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mailboxes import edition_for, sending_box
from crinale.spine.exchange.identifiers import as_json, key_of
from crinale.spine.exchange.models import Message
from crinale.spine.exchange.rules.mail import DOCUMENT, Edition, message_id_for
from crinale.spine.exchange.rules.states import Kind
from crinale.spine.identity.permissions import require
from crinale.spine.protocol import queries as protocol_queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from crinale.spine.exchange.models import Mailbox
    from crinale.spine.exchange.queries.index import AreaFound
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData, RegistrationView

# How a document reaches a recipient: by itself, through the exchange of Allegato 6, by mail, not from here.
Way = Literal["auto", "aoo", "mail", "none"]
_LONGEST_ADDRESS: Final = 254


@dataclass(frozen=True, slots=True)
class Post:
    """One mail to make: to whom, at which address, from which box, with which segnatura."""

    recipient: PartyData
    address: str
    box: Mailbox
    writes: str


def posts_for(
    area_id: UUID,
    recipients: Sequence[PartyData],
    known: Mapping[str, AreaFound],
    ways: Mapping[int, Way],
) -> list[Post]:
    """Return the mails for the recipients that the exchange of Allegato 6 does not reach.

    By itself only a certified mailbox sends, to the address of the recipient or the first one of the index;
    who chose "mail" for a recipient gets it, or is told why not.

    :raises Invalid: when mail was chosen and there is no address or no mailbox.
    """
    wanted: dict[int, str] = {}
    for place, one in enumerate(recipients):
        way, area = ways.get(place, "auto"), known.get(one.aoo_code) if one.aoo_code else None
        address = (one.email or (area.emails[0] if area and area.emails else "")).strip().lower()
        if way == "mail" and not address:
            raise Invalid(f"recipients.{place}.email", "write the address that the mail goes to")
        if way == "mail" or (way == "auto" and address and not (area and area.reachable)):
            wanted[place] = address
    if not wanted:
        return []
    chosen = [place for place in wanted if ways.get(place) == "mail"]
    box = sending_box(area_id)
    if box is None and chosen:
        raise Invalid(f"recipients.{chosen[0]}", "this area has no mailbox to send with")
    if box is None:
        return []
    if not box.certified:
        wanted = {place: wanted[place] for place in chosen}
    posts = [_post(box, recipients[place], address) for place, address in wanted.items()]
    return list({(one.recipient.aoo_code, one.address): one for one in posts}.values())


def _post(box: Mailbox, recipient: PartyData, address: str, writes: str | None = None) -> Post:
    if len(address) > _LONGEST_ADDRESS or "@" not in address:
        raise Invalid("address", "write a whole address")
    edition = writes or edition_for(
        box,
        address=address,
        aoo_code=recipient.aoo_code,
        administration=recipient.kind == "administration",
    )
    if edition not in tuple(Edition):
        raise Invalid("writes", f"choose one of {', '.join(Edition)}")
    return Post(recipient=recipient, address=address, box=box, writes=edition)


def post_all(view: RegistrationView, posts: Sequence[Post], *, actor: Actor) -> int:
    """Make the messages of these mails, in the open transaction; return how many."""
    for one in posts:
        turns.wake(compose_mail(view, one, actor=actor))
    return len(posts)


def compose_mail(view: RegistrationView, post: Post, *, actor: Actor) -> Message:
    """Make the message of a mail; its Message-ID is known from now on."""
    recipient, sealed = post.recipient, view.state == "sealed"
    identifier = new_id()
    message = Message(
        id=identifier,
        area_id=view.area_id,
        direction="out",
        channel="pec" if post.box.certified else "email",
        address=post.address,
        mail_message_id=message_id_for(identifier, DOCUMENT, post.box.address),
        writes=post.writes,
        registration_id=view.id,
        counterpart_ipa=recipient.ipa_code,
        counterpart_aoo=recipient.aoo_code,
        counterpart_name=(recipient.display_name or post.address)[:300],
        subject=view.subject,
        sender_identifier=as_json(view.identifier),
        sender_key=key_of(view.identifier),
        segnatura_sha256=view.segnatura.sha256 if view.segnatura and sealed else "",
        # without a segnatura there is nothing that the other side could confirm
        confirmation_requested=recipient.confirm and post.writes != Edition.NONE,
        for_information=recipient.for_information,
        confidential=view.confidential,
        created_at=clock.now(),
    )
    ledger = Ledger.begin(message, actor=actor)
    if sealed:
        ledger.append(Kind.SEALED)
    return ledger.close()


def send_by_mail(
    *,
    actor: Actor,
    registration_id: UUID,
    address: str = "",
    recipient: int = 0,
    writes: str | None = None,
) -> UUID:
    """Send an outgoing registration to one of its recipients by mail, whatever other way was tried before.

    ``recipient`` is its place among the recipients; without an address, that of the recipient. ``writes``
    is an edition of the segnatura, that of the habits when it is not given. Return the new message.

    :raises NotVisible: when there is no such registration or recipient for this actor.
    :raises Invalid: when there is no address, or the area has no mailbox.
    :raises Conflict: when it was sent to this recipient at this address already: that is tried again instead.
    """
    view = protocol_queries.registration(actor=actor, registration_id=registration_id)
    require(actor, "protocol.send", area_id=view.area_id)
    if view.direction != "outgoing" or view.annulment is not None or view.state == "unsealed":
        raise NotVisible
    if not 0 <= recipient < len(view.recipients):
        raise NotVisible
    party = view.recipients[recipient].data
    chosen = (address or party.email).strip().lower()
    if not chosen:
        raise Invalid("address", "write the address that the mail goes to")
    box = sending_box(view.area_id)
    if box is None:
        raise Invalid("address", "this area has no mailbox to send with")
    with transaction.atomic():
        sent = Message.objects.select_for_update().filter(registration_id=registration_id, direction="out")
        if any((one.address, one.counterpart_aoo) == (chosen, party.aoo_code) for one in sent):
            raise Conflict("It was sent to this address already.")
        message = compose_mail(view, _post(box, party, chosen, writes), actor=actor)
        turns.wake(message)
    return message.id
