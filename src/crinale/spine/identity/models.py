"""People, their credentials, their dated grants and the log of sign-ins. Tables of the node, not of one body.

People of a union work for several bodies by explicit grants, so no row of these belongs to a tenant.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from crinale.spine.identity.models_programs import (  # noqa: F401  Django looks for tables here
    Program,
    ProgramCredential,
    ProgramGrant,
    ProgramToken,
    UsedAssertion,
)
from crinale.spine.tenancy.fields import IdField


class Person(models.Model):
    """A member of the staff of one or more bodies."""

    id = IdField()
    username = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=300)
    tax_code = models.CharField(max_length=16, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """The password of a person, as an argon2 hash."""

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, primary_key=True, related_name="credential"
    )
    password = models.CharField(max_length=255)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"credential of {self.person_id}"


class Grant(models.Model):
    """A person holds a role in a body, in one area or in all, from an instant until another (excluded)."""

    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    body = models.ForeignKey("tenancy.Body", on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(
        "tenancy.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=60)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="identity_grant_instants"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.person_id} in {self.body_id}"


class AttemptOutcome(models.TextChoices):
    """How an attempt ended. A pending one counts as failed: so many at once do not slip by each other."""

    PENDING = "pending"
    FAILED = "failed"
    DELAYED = "delayed"
    SUCCEEDED = "succeeded"


class SignInAttempt(models.Model):
    """Somebody tried to sign in under a name, which may be nobody's."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=150)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=AttemptOutcome.choices, default=AttemptOutcome.PENDING)

    class Meta:
        indexes = (models.Index(fields=("username", "-at"), name="identity_attempt_name_at"),)

    def __str__(self) -> str:
        return f"{self.username} {self.outcome} at {self.at}"
