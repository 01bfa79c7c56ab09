"""Documents, the filing plan (titolario) and dossiers (DPR 445/2000 art. 50, 64; Allegato 5 AgID)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from crinale.spine.tenancy.models import TenantModel


class Document(TenantModel):
    """A file that the body holds. Its bytes are a blob; the row never changes, but for its metadata."""

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=127)
    declared_type = models.CharField(max_length=127, blank=True)
    file_name = models.CharField(max_length=255)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=("body", "sha256"), name="records_document_sha256"),)
        constraints = (models.CheckConstraint(condition=Q(size__gt=0), name="records_document_not_empty"),)

    def __str__(self) -> str:
        return self.file_name


class FilingPlan(TenantModel):
    """A titolario in force from a day; a body has one open plan at a time."""

    name = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("body",),
                condition=Q(valid_to__isnull=True),
                name="records_filingplan_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="records_filingplan_period",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ClassificationEntry(TenantModel):
    """One heading of a filing plan: ``6`` is a titolo, ``6.3`` a class of it."""

    plan = models.ForeignKey(FilingPlan, models.PROTECT, related_name="entries", db_index=False)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", db_index=False)
    position = models.IntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("plan", "code"), name="records_classificationentry_code"),
        )
        indexes = (models.Index(fields=("body", "code"), name="records_classification_code"),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Dossier(TenantModel):
    """The documents of one matter, kept together (fascicolo)."""

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    classification = models.ForeignKey(ClassificationEntry, models.PROTECT, db_index=False, related_name="+")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=40, default="matter")
    metadata = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("area", "code"), name="records_dossier_code"),)
        indexes = (models.Index(fields=("area", "opened_at"), name="records_dossier_opened"),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
