"""Copies of the register that somebody asked for and that take longer than a page may take.

They are kept for some days and then forgotten: they prove nothing that the register does not.
"""

from __future__ import annotations

from django.db import models

from crinale.spine.tenancy.models import TenantModel


class ExportState(models.TextChoices):
    """How far the copy is."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class RegisterExport(TenantModel):
    """What was asked, by whom, and how much of it is written."""

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    person = models.UUIDField()
    person_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=4)
    narrowed = models.JSONField()
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    written = models.IntegerField(default=0)
    total = models.IntegerField()
    file_name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("body", "person", "-asked_at"), name="protocol_export_asked"),)

    def __str__(self) -> str:
        return self.file_name


class ExportPart(TenantModel):
    """A piece of the file, in its order."""

    export = models.ForeignKey(RegisterExport, models.CASCADE, db_index=False, related_name="parts")
    sequence = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("export", "sequence"), name="protocol_exportpart_sequence"),
        )

    def __str__(self) -> str:
        return f"{self.sequence}"
