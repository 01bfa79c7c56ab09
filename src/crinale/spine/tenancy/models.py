"""Bodies, unions with their dated memberships, registry areas (AOO, DPR 445/2000 art. 50), offices.

These tables are the node's own and public (they are in the IPA); every other table that belongs to a body
derives from :class:`TenantModel` and is isolated by the row-level security that ``crinale_tenant()`` sets.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from crinale.spine.tenancy.fields import IdField
from crinale.spine.tenancy.manager import TenantManager, claim

__all__ = [
    "Area",
    "Body",
    "BodyKind",
    "IdField",
    "IncomingMode",
    "Membership",
    "Office",
    "OfficePlace",
    "TenantModel",
]


class BodyKind(models.TextChoices):
    """What a body is."""

    MUNICIPALITY = "municipality"
    UNION = "union"
    PROVINCE = "province"
    REGION = "region"
    OTHER = "other"


class Body(models.Model):
    """A public body, known by its IPA code: a tenant of this node."""

    id = IdField()
    ipa_code = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=BodyKind.choices, default=BodyKind.OTHER)
    istat_code = models.CharField(max_length=6, blank=True, default="")
    patron_day = models.CharField(max_length=5, blank=True, default="")
    union = models.BooleanField(default=False)
    # The first day on which its staff need more than a password; nothing where a password is enough.
    second_factor_from = models.DateField(null=True, blank=True)
    # After how many months a grant that nobody confirmed is looked at again.
    review_months = models.PositiveSmallIntegerField(default=12, db_default=12)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A body belongs to a union, from a day until a day (the first one on which it does not belong any more).

    The database refuses two overlapping memberships of one body in one union.
    """

    id = IdField()
    union = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="member_rows")
    member = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="union_rows")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(union=F("member")), name="tenancy_membership_of_another"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="tenancy_membership_days"
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} in {self.union_id}"


class IncomingMode(models.TextChoices):
    """Who registers what arrives from other areas."""

    AUTOMATIC = "automatic"
    BY_CLERK = "by_clerk"


class Area(models.Model):
    """A registry area (AOO): offices that share one protocol register."""

    id = IdField()
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="areas")
    code = models.CharField(max_length=7, unique=True)
    name = models.CharField(max_length=300)
    registers_incoming = models.CharField(
        max_length=20, choices=IncomingMode.choices, default=IncomingMode.AUTOMATIC
    )
    default_classification = models.CharField(max_length=60, blank=True, default="")
    endpoint = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Office(models.Model):
    """An organisational unit (UO) of a body, from a day until a day (the first one on which it is not there).

    Its name and the office above it may change: ``name`` and ``parent`` are the last that were decided, and
    :class:`OfficePlace` tells which held when. Without ``opened_on`` it was there before anybody noted it.
    """

    id = IdField()
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="offices")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="offices")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=300)
    # Codice_uni_uo of the IPA, for those that are published there.
    ipa_code = models.CharField(max_length=6, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("body", "code"), name="tenancy_office_code"),
            models.UniqueConstraint(
                fields=("ipa_code",), condition=~Q(ipa_code=""), name="tenancy_office_ipa_code"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gt=F("opened_on")),
                name="tenancy_office_days",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class OfficePlace(models.Model):
    """The name of an office and the office above it, on the days from ``valid_from`` until ``valid_to``.

    The database refuses two of them on one day.
    """

    id = IdField()
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="places")
    parent = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=300)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "tenancy_office_place"
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="tenancy_office_place_days",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("office")), name="tenancy_office_place_under_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} from {self.valid_from}"


class TenantModel(models.Model):
    """The base of every table that belongs to a body.

    Its migration must ``select crinale_tenant('<table>')``; a contract test looks for that.
    ``objects`` raises :class:`~crinale.spine.tenancy.ScopeMissing` outside a scope. ``across_bodies`` is for
    commands that run as the owner of the database (verify, export); for the application's role the policies
    still hold, and it sees one body or nothing.
    """

    id = IdField()
    body = models.ForeignKey("tenancy.Body", on_delete=models.PROTECT, related_name="+", db_index=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()
    across_bodies: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Write the row, claimed for the open scope.

        :raises ScopeMissing: when no scope is open.
        :raises WrongScope: when the row belongs to another body.
        """
        claim(self)
        super().save(**options)
