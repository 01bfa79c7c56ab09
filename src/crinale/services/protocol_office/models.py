"""The one table of the protocol office: which form was already acted upon."""

from __future__ import annotations

from django.db import models

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
