"""Registrations taken over from older software: from which file, and what stood there."""

from __future__ import annotations

from django.db import models

from crinale.spine.protocol.models.registers import Register
from crinale.spine.protocol.models.registration import Registration
from crinale.spine.tenancy.models import TenantModel


class ArchiveImport(TenantModel):
    """One file of older registrations that was taken over; going on after a stop uses the same row."""

    register = models.ForeignKey(Register, models.PROTECT, db_index=False, related_name="imports")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("register", "sha256"), name="protocol_archiveimport_once"),
        )

    def __str__(self) -> str:
        return self.file_name


class ArchivedRow(TenantModel):
    """The line that a registration was made of; by its digest the same line is known again."""

    source = models.ForeignKey(ArchiveImport, models.PROTECT, db_index=False, related_name="rows")
    registration = models.OneToOneField(Registration, models.PROTECT, related_name="archived_row")
    line = models.IntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.line}"
