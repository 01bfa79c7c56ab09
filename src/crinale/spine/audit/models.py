"""Tables of the audit. ``0001_tables`` makes the facts and batches in SQL; these models read them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crinale.spine.tenancy.models import TenantModel


class FactRow(models.Model):
    """A fact; row-level security shows those of the body of the open scope, and to the owner all of them."""

    id = models.BigAutoField(primary_key=True)
    body_id = models.UUIDField(null=True)
    txid = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    service = models.TextField()
    subject_id = models.UUIDField(null=True)
    payload = models.JSONField()
    leaf = models.BinaryField()
    parts = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_fact"

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class Batch(models.Model):
    """Facts sealed together, and the link that they add to the chain of the node."""

    number = models.BigIntegerField(primary_key=True)
    previous = models.BinaryField()
    root = models.BinaryField()
    link = models.BinaryField()
    fact_count = models.IntegerField()
    entries = models.BinaryField()
    through_txid = models.BigIntegerField()
    floor_id = models.BigIntegerField()
    max_fact_id = models.BigIntegerField()
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"batch {self.number}"


class BatchTimestamp(models.Model):
    """A token of a time-stamp authority over the link of a batch."""

    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, primary_key=True)
    token = models.BinaryField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"time-stamp of batch {self.batch_id}"


class Access(TenantModel):
    """Somebody read personal data."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    service = models.TextField(blank=True, default="")
    what = models.CharField(max_length=60)
    object_id = models.UUIDField()
    reason = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["body", "object_id", "at"], name="audit_access_object"),
            models.Index(fields=["body", "actor_id", "at", "id"], name="audit_access_actor"),
            models.Index(fields=["body", "at", "id"], name="audit_access_at"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} read {self.what} {self.object_id}"
