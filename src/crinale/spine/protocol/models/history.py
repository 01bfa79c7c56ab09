"""What may change after registration, each change with its permanent row (AgID guidelines, section 3.1.5)."""

from __future__ import annotations

from django.db import models

from crinale.spine.protocol.models.registration import Registration
from crinale.spine.tenancy.models import TenantModel


class Assignment(TenantModel):
    """A registration given to an office, or to a person of it."""

    registration = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="assignments")
    sequence = models.SmallIntegerField()
    office = models.ForeignKey("tenancy.Office", models.PROTECT, db_index=False, related_name="+")
    person = models.UUIDField(null=True)
    person_name = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.UUIDField(null=True)
    assigned_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "sequence"), name="protocol_assignment_sequence"),
        )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.sequence}"


class ClassificationChange(TenantModel):
    """A registration moved to another heading of the filing plan; the old one stays readable."""

    registration = models.ForeignKey(
        Registration,
        models.PROTECT,
        db_index=False,
        related_name="classification_changes",
    )
    sequence = models.SmallIntegerField()
    previous = models.ForeignKey(
        "records.ClassificationEntry", models.PROTECT, db_index=False, related_name="+"
    )
    classification = models.ForeignKey(
        "records.ClassificationEntry", models.PROTECT, db_index=False, related_name="+"
    )
    reason = models.CharField(max_length=1000)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField(null=True)
    changed_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "sequence"),
                name="protocol_classificationchange_sequence",
            ),
        )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.sequence}"


class DossierItem(TenantModel):
    """A registration placed in a dossier."""

    dossier = models.ForeignKey("records.Dossier", models.PROTECT, db_index=False, related_name="+")
    registration = models.ForeignKey(
        Registration, models.PROTECT, db_index=False, related_name="dossier_items"
    )
    added_at = models.DateTimeField()
    added_by = models.UUIDField(null=True)
    added_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "dossier"), name="protocol_dossieritem_once"),
        )
        indexes = (models.Index(fields=("dossier", "added_at"), name="protocol_dossieritem_dossier"),)

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.registration_id}"
