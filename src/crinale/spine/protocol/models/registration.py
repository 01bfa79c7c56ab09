"""A registration: the immutable row, its parties, its documents, its segnatura.

What may still change is the annulment (once), the current classification and assignment (each change has its
history row first) and the state of a remote seal; the database refuses anything else (see the migrations).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.protocol.models.registers import Register
from crinale.spine.tenancy.models import TenantModel


class Direction(models.TextChoices):
    """The flow of a document (Allegato 5, TipologiaDiFlusso: E, U, I)."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"


class State(models.TextChoices):
    """Whether the registration carries a seal of its own, and whether that is there already."""

    UNSEALED = "unsealed"
    BEING_SEALED = "being_sealed"
    SEALED = "sealed"


class Registration(TenantModel):
    """One document in the register (DPR 445/2000 art. 53)."""

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    register = models.ForeignKey(Register, models.PROTECT, db_index=False, related_name="registrations")
    year = models.IntegerField()
    number = models.BigIntegerField()
    registered_at = models.DateTimeField()
    legal_date = models.DateField()
    registered_by = models.UUIDField(null=True)
    registered_by_name = models.CharField(max_length=200)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNSEALED)
    subject = models.CharField(max_length=2000)
    confidential = models.BooleanField(default=False)
    classification = models.ForeignKey(
        "records.ClassificationEntry", models.PROTECT, db_index=False, related_name="+"
    )
    channel = models.CharField(max_length=20, blank=True)
    arrived_at = models.DateTimeField(null=True)
    deferred_act = models.CharField(max_length=300, blank=True, db_default="")
    deferred_reason = models.CharField(max_length=1000, blank=True, db_default="")
    received_ipa_code = models.CharField(max_length=50, blank=True)
    received_aoo_code = models.CharField(max_length=50, blank=True)
    received_register_code = models.CharField(max_length=16, blank=True)
    received_number = models.CharField(max_length=100, blank=True)
    received_date = models.DateField(null=True)
    reply_to = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="+")
    digest = models.CharField(max_length=64)
    current_classification = models.ForeignKey(
        "records.ClassificationEntry", models.PROTECT, db_index=False, related_name="+"
    )
    current_office = models.ForeignKey(
        "tenancy.Office", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    current_person = models.UUIDField(null=True)
    annulled_at = models.DateTimeField(null=True)
    annulled_by = models.UUIDField(null=True)
    annulled_by_name = models.CharField(max_length=200, blank=True)
    annulment_act = models.CharField(max_length=300, blank=True)
    annulment_reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("register", "year", "number"),
                name="protocol_registration_number",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="protocol_registration_positive"),
            models.CheckConstraint(
                condition=Q(annulled_at__isnull=True, annulment_act="")
                | (Q(annulled_at__isnull=False) & ~Q(annulment_act="") & ~Q(annulment_reason="")),
                name="protocol_registration_annulment_with_act",
            ),
            models.CheckConstraint(
                condition=Q(deferred_act="", deferred_reason="")
                | (
                    Q(direction="incoming", arrived_at__isnull=False)
                    & ~Q(deferred_act="")
                    & ~Q(deferred_reason="")
                ),
                name="protocol_registration_deferred_with_act",
            ),
        )
        indexes = (
            models.Index(fields=("register", "legal_date"), name="protocol_registration_day"),
            models.Index(
                fields=("current_office", "-registered_at"),
                condition=Q(current_office__isnull=False),
                name="protocol_registration_office",
            ),
            models.Index(
                fields=("register", "-year", "-number"),
                condition=Q(direction="incoming", current_office__isnull=True, annulled_at__isnull=True),
                name="protocol_registration_assign",
            ),
            models.Index(
                fields=("area", "annulled_at"),
                condition=Q(annulled_at__isnull=False),
                name="protocol_registration_annulled",
            ),
            models.Index(
                fields=("area", "received_ipa_code", "received_number"),
                condition=~Q(received_number=""),
                name="protocol_registration_received",
            ),
            models.Index(
                fields=("reply_to",),
                condition=Q(reply_to__isnull=False),
                name="protocol_registration_reply",
            ),
            models.Index(
                fields=("registered_at",),
                condition=Q(state="being_sealed"),
                name="protocol_registration_seal",
            ),
            models.Index(
                fields=("area", "-id"),
                condition=Q(confidential=True),
                name="protocol_registration_secret",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"


class PartyRole(models.TextChoices):
    """The part that a party has."""

    SENDER = "sender"
    RECIPIENT = "recipient"


class Party(TenantModel):
    """A sender or a recipient of a registration, as it was when registered."""

    registration = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="parties")
    role = models.CharField(max_length=10, choices=PartyRole.choices)
    position = models.SmallIntegerField()
    name = models.CharField(max_length=500)
    data = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "role", "position"),
                name="protocol_party_position",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Enclosure(TenantModel):
    """A document of a registration; position 0 is the primary one."""

    registration = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="enclosures")
    position = models.SmallIntegerField()
    document = models.ForeignKey("records.Document", models.PROTECT, related_name="+")
    description = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "position"), name="protocol_enclosure_position"),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.description}"


class SegnaturaOrigin(models.TextChoices):
    """Who made a segnatura."""

    ISSUED = "issued"
    RECEIVED = "received"


class Segnatura(TenantModel):
    """The XML segnatura of a registration: ours, sealed, or the one that came with a received document."""

    registration = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="segnature")
    origin = models.CharField(max_length=8, choices=SegnaturaOrigin.choices)
    xml = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "origin"), name="protocol_segnatura_origin"),
        )

    def __str__(self) -> str:
        return self.sha256


class WaitingSeal(TenantModel):
    """The canonical text that a remote service has yet to seal; the row goes when the seal is there."""

    registration = models.OneToOneField(Registration, models.PROTECT, related_name="waiting_seal")
    area_code = models.CharField(max_length=7)
    xml = models.BinaryField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.registration_id}"
