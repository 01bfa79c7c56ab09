"""The address book of a body: its correspondents as they are now, and as they were.

A registration keeps its parties as they were when it was made; nothing here changes them.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from crinale.spine.tenancy.models import TenantModel


class Correspondent(TenantModel):
    """Somebody the body writes with, as known now; every earlier state is a version.

    ``data`` is a party (``rules.parties.PartyData``). One that was merged points at the one that stands
    for it.
    """

    name = models.CharField(max_length=500)
    data = models.JSONField()
    tax_code = models.CharField(max_length=16, blank=True)
    email = models.CharField(max_length=254, blank=True)
    ipa_code = models.CharField(max_length=50, blank=True)
    search_text = models.TextField()
    version = models.IntegerField(default=1)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="absorbed")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(closed_at__isnull=False),
                name="protocol_correspondent_merged_is_closed",
            ),
        )
        indexes = (
            GinIndex(
                fields=("search_text",), opclasses=("gin_trgm_ops",), name="protocol_correspondent_search"
            ),
            models.Index(fields=("body", "name"), name="protocol_correspondent_name"),
            models.Index(
                fields=("body", "tax_code"), condition=~Q(tax_code=""), name="protocol_correspondent_tax"
            ),
            models.Index(
                fields=("body", "email"), condition=~Q(email=""), name="protocol_correspondent_email"
            ),
        )

    def __str__(self) -> str:
        return self.name


class CorrespondentVersion(TenantModel):
    """A correspondent as it was from an instant on, by whom and why it was written so."""

    correspondent = models.ForeignKey(Correspondent, models.PROTECT, db_index=False, related_name="versions")
    sequence = models.IntegerField()
    name = models.CharField(max_length=500)
    data = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("correspondent", "sequence"), name="protocol_correspondentversion_sequence"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.sequence}"


class CorrespondentGroup(TenantModel):
    """A list of correspondents that are written to together."""

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("area", "name"),
                condition=Q(closed_at__isnull=True),
                name="protocol_correspondentgroup_name",
            ),
        )

    def __str__(self) -> str:
        return self.name


class GroupMember(TenantModel):
    """A correspondent belongs to a group, from an instant until another."""

    group = models.ForeignKey(CorrespondentGroup, models.PROTECT, db_index=False, related_name="members")
    correspondent = models.ForeignKey(Correspondent, models.PROTECT, db_index=False, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("group", "correspondent"),
                condition=Q(removed_at__isnull=True),
                name="protocol_groupmember_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.correspondent_id} in {self.group_id}"
