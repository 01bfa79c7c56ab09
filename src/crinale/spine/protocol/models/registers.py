"""The registers of an area and the counter that gives their numbers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.tenancy.models import TenantModel


class RegisterKind(models.TextChoices):
    """What a register is for."""

    ORDINARY = "ordinary"
    EMERGENCY = "emergency"
    ARCHIVE = "archive"


class Register(TenantModel):
    """A protocol register of an area; its ordinary one is unique (DPR 445/2000 art. 50, 57).

    An archive is a register of older software, taken over with the numbers that it gave.
    """

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    code = models.CharField(max_length=16)
    kind = models.CharField(max_length=10, choices=RegisterKind.choices, default=RegisterKind.ORDINARY)
    name = models.CharField(max_length=200)
    opened_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("area", "code"), name="protocol_register_code"),
            models.UniqueConstraint(
                fields=("area", "kind"), condition=~Q(kind="archive"), name="protocol_register_one_of_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Counter(TenantModel):
    """The last number given in one register and year. Only ``protocol_take_number`` writes it.

    ``continues_after`` is the last number that older software gave in the year of the change, 0 otherwise.
    """

    register = models.ForeignKey(Register, models.PROTECT, db_index=False, related_name="counters")
    year = models.IntegerField()
    last_number = models.BigIntegerField(default=0)
    continues_after = models.BigIntegerField(db_default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("register", "year"), name="protocol_counter_year"),)

    def __str__(self) -> str:
        return f"{self.year}: {self.last_number}"
