"""The daily register: the day's registrations as one frozen file (AgID guidelines, section 3.1.6)."""

from __future__ import annotations

from django.db import models

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
