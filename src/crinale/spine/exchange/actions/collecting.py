"""Fetch the mails of a mailbox: each is stored here in one transaction before its server is told of it.

A position advances with the mail that it belongs to. What was stored and not yet settled on the server, after
a crash or a lost connection, is settled the next time. A mail at which something unforeseen goes wrong is
kept and shown, and the next one follows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.exchange import facts
from crinale.spine.exchange.actions import mailboxes
from crinale.spine.exchange.actions.mail_course import follow
from crinale.spine.exchange.actions.mail_reading import described, read_mail
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.mail_values import CollectedMail, FetchPosition, MailFailure
from crinale.spine.exchange.models import Mail, Mailbox, MailSighting
from crinale.spine.exchange.rules.mail import MailState, identity_of
from crinale.spine.identity import Actor
from crinale.spine.jobs.running import DATABASE_GONE
from crinale.spine.records.blobs import BlobRef
from crinale.spine.tenancy.statements import insert_if_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from crinale.spine.exchange.mail_values import ReadMail

AT_ONCE: Final = 200
NOT_EXAMINED: Final = gettext_noop("This node could not examine it: an internal error; its log says more.")
_SYSTEM = Actor.system("exchange")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """A mail that was collected and read."""

    box: Mailbox
    collected: CollectedMail
    read: ReadMail


def fetch_mail(*, mailbox_id: UUID) -> bool:
    """Collect, store and settle the new mails of a mailbox; return whether there may be more at once.

    A job of its own does it: two of one mailbox do not run together.
    """
    box = Mailbox.objects.filter(id=mailbox_id, active=True).first()
    if box is None:
        return False
    settings = mailboxes.settings_of(box)
    count = 0
    try:
        _settle_open(box)
        after = None if box.uid_validity is None else FetchPosition(box.uid_validity, box.last_uid)
        for collected in postman.get().collect(settings, after=after, limit=AT_ONCE):
            keep_mail(box, collected)
            count += 1
        _settle_open(box)
    except MailFailure as failure:
        _settle_after(box, failure)
        return False
    Mailbox.objects.filter(id=box.id).update(checked_at=clock.now(), failing_since=None, last_error="")
    return count >= AT_ONCE


def keep_mail(box: Mailbox, collected: CollectedMail) -> None:
    """Store one mail and do what it calls for, together with the position in the mailbox."""
    seen = MailSighting.objects.filter(
        mailbox_id=box.id, uid_validity=collected.uid_validity, uid=collected.uid
    )
    if seen.exists():
        with transaction.atomic():
            _advance(box, collected)
        return
    found = _Found(box, collected, read_mail(collected.blob))
    try:
        with transaction.atomic():
            _keep(found)
    except DATABASE_GONE:
        raise
    except Exception:
        if connection.needs_rollback:
            raise
        log.exception("The mail %s in %s could not be examined", collected.uid, box.address)
        with transaction.atomic():
            _keep(found, examine=False)


def _keep(found: _Found, *, examine: bool = True) -> None:
    mail = _row(found)
    if insert_if_new(mail):
        if examine:
            follow(mail, found.read)
        else:
            mail.state, mail.reason = MailState.TROUBLED, NOT_EXAMINED
        mail.save(update_fields=["state", "tied_to", "reason"])
        fact = facts.MailStored(
            subject_id=mail.id,
            mailbox=found.box.address,
            kind_of=mail.kind,
            sha256=mail.blob_sha256,
            state=mail.state,
        )
        audit.write(fact, actor=_SYSTEM)
        mail_id = mail.id
    else:
        mail_id = Mail.objects.values_list("id", flat=True).get(identity=mail.identity)
    MailSighting(
        mail_id=mail_id,
        mailbox_id=found.box.id,
        uid_validity=found.collected.uid_validity,
        uid=found.collected.uid,
        blob_sha256=found.collected.blob.sha256,
        size=found.collected.blob.size,
        seen_at=clock.now(),
    ).save(force_insert=True)
    _advance(found.box, found.collected)


def _row(found: _Found) -> Mail:
    read, blob = found.read, found.collected.blob
    name, content = read.protocol_answer or ("", None)
    if read.segnatura is not None:
        name, content = "Segnatura.xml", read.segnatura
    return Mail(
        id=new_id(),
        mailbox_id=found.box.id,
        area_id=found.box.area_id,
        identity=identity_of(read, blob.sha256),
        kind=read.kind,
        message_id=read.message_id[:500],
        outer_message_id=read.outer_message_id[:500],
        about=read.about[:500],
        blob_sha256=blob.sha256,
        size=blob.size,
        sender_address=read.sender_address[:254].lower(),
        sender_name=read.sender_name[:300],
        subject=read.subject[:2000],
        sent_at=read.sent_at,
        stored_at=clock.now(),
        content=described(read),
        text=read.text,
        protocol_name=name[:60],
        protocol_file=content,
        findings=[one[:500] for one in read.findings],
        state=MailState.TO_REGISTER,
    )


def _advance(box: Mailbox, collected: CollectedMail) -> None:
    box.uid_validity, box.last_uid = collected.uid_validity, collected.uid
    Mailbox.objects.filter(id=box.id).update(uid_validity=box.uid_validity, last_uid=box.last_uid)


def _settle_open(box: Mailbox) -> None:
    """Let the server know of everything that is stored and that it was not told of yet."""
    rows = list(
        MailSighting.objects.filter(mailbox_id=box.id, settled_at=None).order_by("uid")[: 2 * AT_ONCE]
    )
    if not rows:
        return
    postman.get().settle(mailboxes.settings_of(box), _collected(rows))
    MailSighting.objects.filter(id__in=[one.id for one in rows]).update(settled_at=clock.now())


def _settle_after(box: Mailbox, failure: MailFailure) -> None:
    """The connection broke half-way: settle what was stored if that still works, and say what happened."""
    try:
        _settle_open(box)
    except MailFailure:
        log.warning("The mails of %s that are stored are settled the next time", box.address)
    mailboxes.note_failure(box, failure)


def _collected(rows: Sequence[MailSighting]) -> list[CollectedMail]:
    return [
        CollectedMail(one.uid_validity, one.uid, BlobRef(one.blob_sha256, one.size, "message/rfc822"))
        for one in rows
    ]


def fetch_due() -> int:
    """Enqueue the fetching of every mailbox of the open scope; return how many. A tick calls it."""
    from crinale.spine import jobs
    from crinale.spine.exchange.jobs import fetch_mailbox

    boxes = Mailbox.objects.filter(active=True).values_list("body_id", "id")
    for body_id, mailbox_id in boxes:
        jobs.enqueue(fetch_mailbox, body_id=body_id, mailbox_id=mailbox_id)
    return len(boxes)
