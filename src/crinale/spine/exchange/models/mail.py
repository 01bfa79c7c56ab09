"""Mailboxes of the areas and every mail that was found in them (DPR 68/2005; Allegato 6, appendix C).

A mail is kept as it came; only what became of it changes. The same mail in two boxes of a body is one row
with two sightings.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crinale.spine.exchange.models.messages import Message
from crinale.spine.exchange.rules.mail import Edition
from crinale.spine.tenancy.models import TenantModel

SECURITY = [("tls", "TLS"), ("starttls", "STARTTLS"), ("none", "none")]


class Mailbox(TenantModel):
    """A mailbox of an area. Its password is never here."""

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    address = models.CharField(max_length=254)
    certified = models.BooleanField()
    imap_host = models.CharField(max_length=253)
    imap_port = models.IntegerField()
    imap_security = models.CharField(max_length=8, choices=SECURITY)
    smtp_host = models.CharField(max_length=253)
    smtp_port = models.IntegerField()
    smtp_security = models.CharField(max_length=8, choices=SECURITY)
    user_name = models.CharField(max_length=254)
    folder = models.CharField(max_length=200, default="INBOX")
    after_storing = models.CharField(
        max_length=6, choices=[("keep", "keep"), ("move", "move"), ("delete", "delete")], default="keep"
    )
    stored_folder = models.CharField(max_length=200, default="Crinale")
    writes = models.CharField(max_length=10, default=Edition.CIRCOLARE_2013.value)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("body", "address"), name="exchange_mailbox_address"),)
        indexes = (models.Index(fields=("area", "-certified", "id"), name="exchange_mailbox_of"),)

    def __str__(self) -> str:
        return self.address


class MailHabit(TenantModel):
    """Which segnatura goes with mail to an address, a domain or a registry area."""

    kind = models.CharField(max_length=7)
    value = models.CharField(max_length=254)
    writes = models.CharField(max_length=10)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("body", "kind", "value"), name="exchange_mailhabit_one"),
        )

    def __str__(self) -> str:
        return f"{self.value} {self.writes}"


class Mail(TenantModel):
    """A mail that was collected, its bytes in the blob store.

    ``identity`` makes a mail that is seen twice the same row. ``content`` is what was read in it
    (:class:`crinale.spine.exchange.mail_values.ReadMail`), without its text and protocol file.
    """

    mailbox = models.ForeignKey(Mailbox, models.PROTECT, db_index=False, related_name="mails")
    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    identity = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    message_id = models.CharField(max_length=500, blank=True)
    outer_message_id = models.CharField(max_length=500, blank=True)
    about = models.CharField(max_length=500, blank=True)
    blob_sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    sender_address = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=2000, blank=True)
    sent_at = models.DateTimeField(null=True)
    stored_at = models.DateTimeField()
    content = models.JSONField()
    text = models.TextField(blank=True)
    protocol_name = models.CharField(max_length=60, blank=True)
    protocol_file = models.BinaryField(null=True)
    findings = ArrayField(models.CharField(max_length=500), default=list)
    # what became of it
    state = models.CharField(max_length=20)
    tied_to = models.ForeignKey(Message, models.PROTECT, null=True, related_name="mails")
    registration = models.ForeignKey("protocol.Registration", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_by_name = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("body", "identity"), name="exchange_mail_once"),)
        indexes = (
            models.Index(
                fields=("area", "state", "-id"),
                condition=Q(state__in=("to_register", "unmatched", "troubled")),
                name="exchange_mail_waiting",
            ),
            models.Index(fields=("area", "-id"), name="exchange_mail_of"),
            models.Index(
                fields=("body", "about"), condition=Q(state="unmatched"), name="exchange_mail_about"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.sender_address}"


class MailSighting(TenantModel):
    """Where a mail was seen: one box, one UID. ``settled_at``: since when the server needs it no more."""

    mail = models.ForeignKey(Mail, models.PROTECT, related_name="sightings")
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, db_index=False, related_name="+")
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    blob_sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("mailbox", "uid_validity", "uid"), name="exchange_mailsighting_one"
            ),
        )
        indexes = (
            models.Index(
                fields=("mailbox", "uid"),
                condition=Q(settled_at__isnull=True),
                name="exchange_mailsighting_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.uid_validity}/{self.uid}"
