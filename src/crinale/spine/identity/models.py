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
    # The first day on which the person works here no more; the account opens until then.
    left_on = models.DateField(null=True, blank=True)
    # Sessions carry this number; adding one to it ends them all.
    session_series = models.PositiveIntegerField(default=0)
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
    """A person holds a role in a body, in one area or in all, from an instant until another (excluded).

    With an office it is his work there. ``confirmed_at`` is when somebody last looked at it and let it be.
    """

    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    body = models.ForeignKey("tenancy.Body", on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(
        "tenancy.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    office = models.ForeignKey(
        "tenancy.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=60)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="identity_grant_instants"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.person_id} in {self.body_id}"


class AttemptOutcome(models.TextChoices):
    """How an attempt ended. A pending one counts as failed: so many at once do not slip by each other.

    Half: the password was right and the second factor is still to come. It neither counts as a failure nor
    makes failures forgotten, or who knows a password could guess codes for ever.
    """

    PENDING = "pending"
    FAILED = "failed"
    DELAYED = "delayed"
    SUCCEEDED = "succeeded"
    HALF = "half"


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


class Post(models.Model):
    """A charge of a body that one person holds at a time: who answers for an office, for the records, ...

    Set up by an act (L. 241/1990 art. 4-5, DPR 445/2000 art. 61, CAD art. 17), for an office or for the body.
    """

    id = IdField()
    body = models.ForeignKey("tenancy.Body", on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey(
        "tenancy.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    act = models.CharField(max_length=300, blank=True, default="")
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("title",)
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gt=F("opened_on")),
                name="identity_post_days",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Incumbency(models.Model):
    """A person holds a post from a day until a day (excluded), by an act.

    The database refuses two people in one post on one day.
    """

    id = IdField()
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="incumbencies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="incumbencies")
    act = models.CharField(max_length=300, blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="identity_incumbency_days"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} in {self.post_id}"


class AbsenceReason(models.TextChoices):
    """Why somebody is away; never more than this, which is nobody else's business."""

    HOLIDAY = "holiday"
    LEAVE = "leave"
    MISSION = "mission"
    OTHER = "other"


class Absence(models.Model):
    """A person is away from a day until a day (excluded), and another one stands in for him."""

    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    substitute = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="substitutions")
    valid_from = models.DateField()
    valid_to = models.DateField()
    reason = models.CharField(max_length=10, choices=AbsenceReason.choices, default=AbsenceReason.OTHER)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="identity_absence_days"),
            models.CheckConstraint(condition=~Q(person=F("substitute")), name="identity_absence_of_another"),
        )

    def __str__(self) -> str:
        return f"{self.substitute_id} for {self.person_id}"


class Authenticator(models.Model):
    """An application that makes codes from the time and a secret (RFC 6238); the secret is kept encrypted.

    ``last_step`` is the last interval of thirty seconds whose code was accepted: none is accepted twice.
    """

    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="authenticators")
    name = models.CharField(max_length=100)
    secret = models.TextField()
    last_step = models.BigIntegerField()
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Passkey(models.Model):
    """A key of a device or a browser (WebAuthn): only its public half is here."""

    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=100)
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """A code for who lost his device: shown once, kept as a digest, good for one sign-in."""

    id = IdField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"recovery code of {self.person_id}"
