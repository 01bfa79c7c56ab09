"""The daily register: the day's registrations as one frozen file, sealed and sent to preservation.

AgID guidelines, sections 3.1.6 and 4.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.protocol.models.registers import Register
from crinale.spine.tenancy.models import TenantModel


class DailyRegister(TenantModel):
    """One day of one register, frozen; a day without registrations has its file as well."""

    register = models.ForeignKey(Register, models.PROTECT, db_index=False, related_name="days")
    day = models.DateField()
    due_on = models.DateField()
    registrations = models.IntegerField()
    first_number = models.BigIntegerField(null=True)
    last_number = models.BigIntegerField(null=True)
    json_document = models.ForeignKey("records.Document", models.PROTECT, db_index=False, related_name="+")
    pdf_document = models.ForeignKey("records.Document", models.PROTECT, db_index=False, related_name="+")
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("register", "day"), name="protocol_dailyregister_day"),
        )

    def __str__(self) -> str:
        return f"{self.day}"


class DailyManifest(TenantModel):
    """The sealed manifest of a day: the digests of its files, and that of the manifest of the day before."""

    day = models.OneToOneField(DailyRegister, models.PROTECT, related_name="manifest")
    document = models.ForeignKey("records.Document", models.PROTECT, db_index=False, related_name="+")
    sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    certificate_sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256


class DepositState(models.TextChoices):
    """What the preservation service said of a package."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class DailyDeposit(TenantModel):
    """One delivery of a day to preservation; after a refusal the next one has the next sequence."""

    day = models.ForeignKey(DailyRegister, models.PROTECT, db_index=False, related_name="deposits")
    sequence = models.IntegerField()
    package_name = models.CharField(max_length=120)
    package_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=DepositState.choices)
    receipt = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list)
    report_document = models.ForeignKey(
        "records.Document", models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("day", "sequence"), name="protocol_dailydeposit_sequence"),
            models.UniqueConstraint(
                fields=("day",), condition=~Q(state="refused"), name="protocol_dailydeposit_one"
            ),
        )
        indexes = (
            models.Index(fields=("body",), condition=Q(state="sent"), name="protocol_dailydeposit_sent"),
        )

    def __str__(self) -> str:
        return self.package_name
