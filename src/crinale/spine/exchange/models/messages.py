"""Messages sent and received, the receipts that prove each step, the signed envelopes, the incidents.

Receipts, parcels and envelopes are append-only. Of a message only the columns that follow from its receipts
change, and only where a receipt is appended (``crinale.spine.exchange.actions.ledger``).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.exchange.rules.states import Annulment, Errand, State
from crinale.spine.tenancy.models import TenantModel


class Way(models.TextChoices):
    """Direction of a message, seen from the area that owns the row."""

    OUT = "out"
    IN = "in"


class Message(TenantModel):
    """A registered document on its way between this area and one other area, or one address of mail.

    ``channel``: "aoo" (Allegato 6), "pec", or "email" where the mailbox is no certified one. ``address``,
    ``mail_message_id`` and ``writes`` (the edition of the segnatura) are those of mail; of a received message
    they are the sender's.
    """

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    direction = models.CharField(max_length=3, choices=Way.choices)
    counterpart_ipa = models.CharField(max_length=50)
    counterpart_aoo = models.CharField(max_length=50)
    counterpart_name = models.CharField(max_length=300)
    channel = models.CharField(max_length=5, default="aoo")
    address = models.CharField(max_length=254, blank=True, default="")
    mail_message_id = models.CharField(max_length=500, blank=True, default="")
    writes = models.CharField(max_length=10, blank=True, default="")
    subject = models.CharField(max_length=2000)
    sender_identifier = models.JSONField()
    sender_key = models.CharField(max_length=200)
    segnatura_sha256 = models.CharField(max_length=64, blank=True)
    confirmation_requested = models.BooleanField()
    for_information = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # what follows may still change
    registration = models.ForeignKey(
        "protocol.Registration", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    recipient_identifier = models.JSONField(null=True)
    accepted_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, default=State.COMPOSED.value)
    errand = models.CharField(max_length=8, blank=True, default=Errand.NONE.value)
    annulment = models.CharField(max_length=8, blank=True, default=Annulment.NONE.value)
    at_door = models.BooleanField(default=False)
    notified = models.BooleanField(default=False)
    stuck = models.BooleanField(default=False)
    escalated = models.BooleanField(default=False)
    receipts_count = models.IntegerField(default=0)
    failures = models.SmallIntegerField(default=0)
    first_failure_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    confirmation_due_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True)
    noted_by = models.UUIDField(null=True)

    MUTABLE = (
        "registration_id",
        "recipient_identifier",
        "accepted_at",
        "state",
        "errand",
        "annulment",
        "at_door",
        "notified",
        "stuck",
        "escalated",
        "receipts_count",
        "failures",
        "first_failure_at",
        "next_attempt_at",
        "confirmation_due_at",
        "noted_at",
        "noted_by",
    )

    class Meta:
        constraints = (
            # one message per registration and recipient area, or address
            models.UniqueConstraint(
                fields=("registration", "direction", "counterpart_aoo", "channel", "address"),
                name="exchange_message_recipient",
            ),
            models.UniqueConstraint(
                fields=("area", "sender_key", "counterpart_aoo", "channel", "address"),
                condition=Q(direction="out"),
                name="exchange_message_sent_once",
            ),
            # the same segnatura from the same area is the same message, even when both copies arrive at once
            models.UniqueConstraint(
                fields=("area", "sender_key", "counterpart_aoo", "segnatura_sha256", "channel", "address"),
                condition=Q(direction="in"),
                name="exchange_message_received_once",
            ),
            # and a sender's number is accepted with one segnatura only; what anybody may write in a mail does
            # not take the place of what comes signed
            models.UniqueConstraint(
                fields=("area", "sender_key", "channel", "address"),
                condition=Q(direction="in", accepted_at__isnull=False),
                name="exchange_message_accepted_once",
            ),
            models.CheckConstraint(
                condition=Q(direction="in") | Q(registration__isnull=False),
                name="exchange_message_sent_is_registered",
            ),
        )
        indexes = (
            models.Index(fields=("area", "direction", "-id"), name="exchange_message_box"),
            models.Index(
                fields=("area", "state", "-id"),
                condition=~Q(state__in=("registered", "delivered", "withdrawn")),
                name="exchange_message_open",
            ),
            models.Index(
                fields=("body", "next_attempt_at"),
                condition=Q(next_attempt_at__isnull=False),
                name="exchange_message_due",
            ),
            models.Index(
                fields=("body", "confirmation_due_at"),
                condition=Q(confirmation_due_at__isnull=False),
                name="exchange_message_overdue",
            ),
            models.Index(
                fields=("body", "mail_message_id"),
                condition=~Q(mail_message_id=""),
                name="exchange_message_mail",
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction} {self.sender_key}"


class Parcel(TenantModel):
    """What came with a received message.

    Its segnatura and the list of its files, kept until and after registration.

    ``files``: list of ``{name, media_type, size, sha256}``, in the order of the segnatura.
    """

    message = models.OneToOneField(Message, models.PROTECT, related_name="parcel")
    segnatura = models.BinaryField()
    files = models.JSONField()
    seal_certificate_sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{len(self.files)} files"


class WireMessage(TenantModel):
    """One signed envelope as it went over the wire.

    In ``content`` when small, in the blob store when large.
    """

    message = models.ForeignKey(
        Message, models.PROTECT, null=True, db_index=False, related_name="wire_messages"
    )
    call = models.UUIDField()  # request and response of one call share it
    part = models.CharField(max_length=8, choices=[("request", "request"), ("response", "response")])
    origin = models.CharField(max_length=8, choices=[("sent", "sent"), ("received", "received")])
    operation = models.CharField(max_length=20)
    at = models.DateTimeField()
    content_type = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content = models.BinaryField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("call", "part"), name="exchange_wiremessage_part"),)
        indexes = (
            models.Index(
                fields=("message", "at"), condition=Q(message__isnull=False), name="exchange_wiremessage_of"
            ),
        )

    def __str__(self) -> str:
        return f"{self.operation} {self.part}"


class Receipt(TenantModel):
    """One step of a message and its proof. Append-only; the state of the message is the fold of these."""

    message = models.ForeignKey(Message, models.PROTECT, db_index=False, related_name="receipts")
    seq = models.IntegerField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    wire = models.ForeignKey(WireMessage, models.PROTECT, null=True, db_index=False, related_name="+")
    actor_name = models.CharField(max_length=200)
    actor_person = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("message", "seq"), name="exchange_receipt_seq"),)

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Incident(TenantModel):
    """A disservice of the other side, followed as Allegato 6 section 3.3 asks."""

    message = models.ForeignKey(Message, models.PROTECT, db_index=False, related_name="incidents")
    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(
        max_length=24,
        choices=[
            ("retries_exhausted", "retries exhausted"),
            ("confirmation_overdue", "confirmation overdue"),
            ("acceptance_overdue", "acceptance overdue"),
            ("delivery_overdue", "delivery overdue"),
            ("not_delivered", "not delivered"),
        ],
    )
    blocking = models.BooleanField()
    opened_at = models.DateTimeField()
    contact = models.JSONField()
    workaround = models.TextField(blank=True, default="")
    restore_expected_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closing_note = models.CharField(max_length=2000, blank=True, default="")

    MUTABLE = ("workaround", "restore_expected_at", "closed_at", "closed_by", "closing_note")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("message", "kind"),
                condition=Q(closed_at__isnull=True),
                name="exchange_incident_one_open",
            ),
        )
        indexes = (
            models.Index(
                fields=("area", "-id"), condition=Q(closed_at__isnull=True), name="exchange_incident_open"
            ),
        )

    def __str__(self) -> str:
        return self.kind
