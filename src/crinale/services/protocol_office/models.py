"""The tables of the protocol office: which form was already acted upon, what is written again and again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.tenancy.models import TenantModel


class Submission(TenantModel):
    """A form that led to a registration; by its token, sending it twice registers once."""

    token = models.UUIDField()
    person = models.UUIDField(null=True)
    registration = models.UUIDField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("body", "token"), name="protocol_office_submission_once"),
        )

    def __str__(self) -> str:
        return str(self.token)


class Preset(TenantModel):
    """A document that an area writes again and again; to change one, it is closed and made anew."""

    area = models.UUIDField()
    name = models.CharField(max_length=120)
    direction = models.CharField(max_length=10)
    content = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)
    made_by_name = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("body", "area", "name"),
                condition=Q(closed_at=None),
                name="protocol_office_preset_name",
            ),
        )

    def __str__(self) -> str:
        return self.name
