"""Notices to people, and how each of them wants to get them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.tenancy.models import TenantModel


class Delivery(models.TextChoices):
    """How somebody gets notices by mail."""

    IMMEDIATELY = "immediately"
    DAILY = "daily"
    NEVER = "never"


class Notice(TenantModel):
    """Something waits for a person. ``reference`` is its number: no subject, no name is kept or sent."""

    person = models.UUIDField()
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    reference = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "kind", "object_id"),
                condition=Q(sent_at__isnull=True),
                name="notify_notice_once",
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(sent_at__isnull=True), name="notify_notice_due"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Preference(models.Model):
    """How a person gets notices, in which language; a table of the node, because people are."""

    person = models.OneToOneField(
        "identity.Person", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    delivery = models.CharField(max_length=11, choices=Delivery.choices, default=Delivery.IMMEDIATELY)
    language = models.CharField(max_length=2, default="it")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.delivery}"
