"""What the interface remembers: answers given once, files delivered, subscriptions and their deliveries."""

from __future__ import annotations

from django.db import models

from crinale.spine.tenancy.models import TenantModel


class KeptAnswer(TenantModel):
    """That a request with an Idempotency-Key was answered, and what it made: asked again, that is read again.

    Nothing of the answer itself is kept: it holds names, and they are in the register already.
    """

    program = models.UUIDField()
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    location = models.CharField(max_length=500, default="")
    made = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("body", "program", "key"), name="program_interface_keptanswer_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} of {self.program}"


class Upload(TenantModel):
    """A document that a program delivered for an area; only who delivered it may register it."""

    program = models.UUIDField()
    area = models.UUIDField()
    document = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = (
            models.Index(fields=("body", "program", "document"), name="program_interface_upload_doc"),
            models.Index(fields=("body", "program", "sha256"), name="program_interface_upload_sha"),
        )

    def __str__(self) -> str:
        return f"{self.sha256} of {self.program}"


class RateWindow(models.Model):
    """The requests of a caller in one minute: a program, or an address in a form that nobody can read back.

    A table of the node: a program may serve several bodies.
    """

    caller = models.UUIDField(primary_key=True)
    minute = models.BigIntegerField()
    used = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.used} of {self.caller}"


class Subscription(TenantModel):
    """A program wants to be told of events in an area, at an address, signed with a secret."""

    program = models.UUIDField()
    area = models.UUIDField()
    url = models.CharField(max_length=2000)
    kinds = models.JSONField()
    sealed_secret = models.TextField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=60, default="")

    class Meta:
        indexes = (models.Index(fields=("body", "program", "area"), name="program_interface_sub_program"),)

    def __str__(self) -> str:
        return f"{self.program} at {self.url}"


class Delivery(TenantModel):
    """One event for one subscription; due again until somebody takes it."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=150)
    kind = models.CharField(max_length=60)
    content = models.TextField()
    created_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    last_status = models.SmallIntegerField(default=0)
    last_failure = models.CharField(max_length=40, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("subscription", "event"), name="program_interface_delivery_once"),
        )
        indexes = (
            models.Index(
                fields=("body", "due_at"),
                condition=models.Q(due_at__isnull=False),
                name="program_interface_delivery_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} to {self.subscription_id}"


class EventCursor(TenantModel):
    """Up to which fact the events of a body were told; one row per body, while somebody is subscribed."""

    txid = models.BigIntegerField()
    fact = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("body",), name="program_interface_eventcursor_one"),)

    def __str__(self) -> str:
        return f"{self.txid}/{self.fact}"
