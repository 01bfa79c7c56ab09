"""What a clerk does with a mail that waits: register it, set it aside, give it back to the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.exchange import facts
from crinale.spine.exchange.actions.mail_arrivals import WHOLE_MAIL
from crinale.spine.exchange.actions.mail_course import follow
from crinale.spine.exchange.actions.mail_evidence import MAIL_TYPE
from crinale.spine.exchange.actions.mail_reading import read_mail
from crinale.spine.exchange.actions.mail_receipts import unmatched_mails
from crinale.spine.exchange.models import Mail
from crinale.spine.exchange.rules.mail import WAITING, MailState
from crinale.spine.identity.permissions import require
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.queries import EnclosureData
from crinale.spine.records import actions as records
from crinale.spine.records.blobs import BlobRef

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData, RegistrationView

# The mail itself among the documents of its registration: the first, the last, or none of them.
WholeMail = Literal["primary", "attached", "none"]
_LONGEST_REASON: Final = 2000


def register_mail(
    *,
    actor: Actor,
    mail_id: UUID,
    subject: str,
    classification: str,
    sender: PartyData,
    documents: Sequence[str] = (),
    whole_mail: WholeMail = "primary",
    office_id: UUID | None = None,
    dossier_id: UUID | None = None,
    confidential: bool = False,
    reply_to: UUID | None = None,
) -> RegistrationView:
    """Register a mail that waits: an incoming document that arrived by mail.

    ``documents`` are paths of its files, in order; the first is the primary document unless the mail itself
    is. With ``office_id`` it is assigned there at once.

    :raises NotVisible: when there is no such mail for this actor, or one of the files is not in it.
    :raises Conflict: when it does not wait any more.
    :raises Invalid: when something must be corrected before a number is taken.
    """
    with transaction.atomic():
        mail = _waiting(actor, mail_id)
        files = {one["path"]: one for one in mail.content["files"]}
        if unknown := [path for path in documents if path not in files]:
            raise Invalid("documents", f"the mail has no file {unknown[0]}")
        chosen = [
            (one["name"], BlobRef(one["sha256"], one["size"], one["media_type"]))
            for one in (files[path] for path in dict.fromkeys(documents))
        ]
        whole = (WHOLE_MAIL, BlobRef(mail.blob_sha256, mail.size, MAIL_TYPE))
        if whole_mail == "primary":
            chosen.insert(0, whole)
        elif whole_mail == "attached":
            chosen.append(whole)
        view = protocol.register_incoming(
            actor=actor,
            area_id=mail.area_id,
            subject=subject,
            classification=classification,
            sender=sender,
            documents=[_enclosure(actor, name, blob) for name, blob in chosen],
            channel="pec" if mail.kind == "certified" else "email",
            arrived_at=mail.stored_at,
            reply_to=reply_to,
            dossier_id=dossier_id,
            confidential=confidential,
        )
        mail.registration_id = view.id
        _decide(mail, MailState.REGISTERED, actor=actor)
        if office_id is not None:
            view = protocol.assign(actor=actor, registration_id=view.id, office_id=office_id)
    return view


def set_mail_aside(*, actor: Actor, mail_id: UUID, reason: str) -> None:
    """Take a mail that is not to be registered out of the queue; it stays, with the reason.

    :raises NotVisible: when there is no such mail for this actor.
    :raises Conflict: when it does not wait any more.
    :raises Invalid: when the reason is missing.
    """
    if not reason.strip():
        raise Invalid("reason", "say why it is not registered")
    with transaction.atomic():
        mail = _waiting(actor, mail_id)
        mail.reason = reason.strip()[:_LONGEST_REASON]
        _decide(mail, MailState.SET_ASIDE, actor=actor)


def return_mail_to_queue(*, actor: Actor, mail_id: UUID) -> None:
    """Give a mail back to the queue, examined anew: one set aside, unmatched or in trouble.

    :raises NotVisible: when there is no such mail for this actor.
    :raises Conflict: when it is registered or belongs to a message.
    """
    found = Mail.objects.filter(id=mail_id).first()
    if found is None:
        raise NotVisible
    require(actor, "protocol.register_incoming", area_id=found.area_id)
    read = read_mail(BlobRef(found.blob_sha256, found.size, MAIL_TYPE))
    with transaction.atomic():
        mail = _locked(actor, mail_id)
        if mail.state not in (*WAITING, MailState.SET_ASIDE):
            raise Conflict
        follow(mail, read)
        _decide(mail, MailState(mail.state), actor=actor)


def match_again() -> int:
    """Tie the receipts and answers whose message has appeared; return how many were looked at.

    Works on the body of the open scope; a tick calls it.
    """
    waiting = list(unmatched_mails())
    for one in waiting:
        read = read_mail(BlobRef(one.blob_sha256, one.size, MAIL_TYPE))
        with transaction.atomic():
            mail = Mail.objects.select_for_update().filter(id=one.id, state=MailState.UNMATCHED).first()
            if mail is not None:
                follow(mail, read)
                mail.save(update_fields=["state", "tied_to", "reason"])
    return len(waiting)


def _locked(actor: Actor, mail_id: UUID) -> Mail:
    mail = Mail.objects.select_for_update().filter(id=mail_id).first()
    if mail is None:
        raise NotVisible
    require(actor, "exchange.view", area_id=mail.area_id)
    require(actor, "protocol.register_incoming", area_id=mail.area_id)
    return mail


def _waiting(actor: Actor, mail_id: UUID) -> Mail:
    mail = _locked(actor, mail_id)
    if mail.state not in WAITING:
        raise Conflict
    return mail


def _decide(mail: Mail, state: MailState, *, actor: Actor) -> None:
    mail.state = state
    mail.decided_at, mail.decided_by, mail.decided_by_name = clock.now(), actor.person_id, actor.name[:200]
    mail.save(
        update_fields=[
            "state",
            "tied_to",
            "registration",
            "reason",
            "decided_at",
            "decided_by",
            "decided_by_name",
        ]
    )
    fact = facts.MailDecided(
        subject_id=mail.id, state=state, registration=mail.registration_id, reason=mail.reason
    )
    audit.write(fact, actor=actor)


def _enclosure(actor: Actor, name: str, blob: BlobRef) -> EnclosureData:
    return EnclosureData(records.record_document(actor=actor, blob=blob, file_name=name).id)
