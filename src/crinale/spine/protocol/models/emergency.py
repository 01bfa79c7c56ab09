"""The emergency register, used while the system cannot be (DPR 445/2000 art. 63)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.protocol.models.registers import Register
from crinale.spine.protocol.models.registration import Direction, Registration
from crinale.spine.tenancy.models import TenantModel


class EmergencyPeriod(TenantModel):
    """One interruption: its cause, who authorised the emergency register, from when until when."""

    register = models.ForeignKey(Register, models.PROTECT, db_index=False, related_name="periods")
    cause = models.CharField(max_length=1000)
    authorisation = models.CharField(max_length=300)
    started_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    opened_by_name = models.CharField(max_length=200)
    restored_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("register",),
                condition=Q(closed_at__isnull=True),
                name="protocol_emergency_one_open",
            ),
        )
        indexes = (models.Index(fields=("register", "started_at"), name="protocol_emergency_started"),)

    def __str__(self) -> str:
        return self.cause


class EmergencyAct(TenantModel):
    """The act that allows the emergency register beyond 24 hours, for at most one week at a time."""

    period = models.ForeignKey(EmergencyPeriod, models.PROTECT, related_name="acts")
    act = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()

    def __str__(self) -> str:
        return self.act


class EmergencyTotal(TenantModel):
    """How many documents were registered by hand on one day of the interruption."""

    period = models.ForeignKey(EmergencyPeriod, models.PROTECT, db_index=False, related_name="totals")
    day = models.DateField()
    total = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("period", "day"), name="protocol_emergencytotal_day"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.total}"


class EmergencyEntry(TenantModel):
    """One line of the emergency register, and the ordinary registration that it became."""

    period = models.ForeignKey(EmergencyPeriod, models.PROTECT, related_name="entries")
    register = models.ForeignKey(Register, models.PROTECT, db_index=False, related_name="+")
    number = models.BigIntegerField()
    entered_on_paper_at = models.DateTimeField()
    direction = models.CharField(max_length=10, choices=Direction.choices)
    registration = models.OneToOneField(Registration, models.PROTECT, related_name="emergency_entry")
    entered_at = models.DateTimeField()
    entered_by = models.UUIDField(null=True)
    entered_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("register", "number"), name="protocol_emergencyentry_number"),
        )

    def __str__(self) -> str:
        return f"{self.number}"
