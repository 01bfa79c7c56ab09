"""What is said of a registration afterwards: corrections, links, the act of an annulment.

The registration itself stays as it was made; these rows stand beside it and stay too (AgID guidelines 3.1.5).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from crinale.spine.protocol.models.registration import Registration
from crinale.spine.tenancy.models import TenantModel


class Correction(TenantModel):
    """One value that was corrected, and what stood there before."""

    registration = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="corrections")
    sequence = models.SmallIntegerField()
    field = models.CharField(max_length=60)
    before = models.CharField(max_length=1000, blank=True)
    after = models.CharField(max_length=1000, blank=True)
    reason = models.CharField(max_length=1000)
    corrected_at = models.DateTimeField()
    corrected_by = models.UUIDField(null=True)
    corrected_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "sequence"), name="protocol_correction_sequence"),
        )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.field}"


class LinkKind(models.TextChoices):
    """What a registration is to an earlier one."""

    REPLY = "reply"
    PREVIOUS = "previous"
    RELATED = "related"
    INTEGRATION = "integration"
    RESENT = "resent"


class Link(TenantModel):
    """A registration refers to another one; a link that was wrong is marked as removed, and stays."""

    registration = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="links")
    other = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="links_here")
    relation = models.CharField(max_length=12, choices=LinkKind.choices)
    reason = models.CharField(max_length=1000, blank=True)
    added_at = models.DateTimeField()
    added_by = models.UUIDField(null=True)
    added_by_name = models.CharField(max_length=200)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.UUIDField(null=True)
    removed_by_name = models.CharField(max_length=200, blank=True)
    removal_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "other", "relation"),
                condition=Q(removed_at__isnull=True),
                name="protocol_link_once",
            ),
            models.CheckConstraint(condition=~Q(registration=F("other")), name="protocol_link_other"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removal_reason="")
                | (Q(removed_at__isnull=False) & ~Q(removal_reason="")),
                name="protocol_link_removed_with_reason",
            ),
        )
        indexes = (
            models.Index(fields=("registration", "added_at"), name="protocol_link_from"),
            models.Index(fields=("other", "added_at"), name="protocol_link_to"),
        )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.relation} {self.other_id}"


class AnnulmentAct(TenantModel):
    """The document of the act that authorised an annulment (DPR 445/2000 art. 54)."""

    registration = models.OneToOneField(Registration, models.PROTECT, related_name="act_of_annulment")
    document = models.ForeignKey("records.Document", models.PROTECT, db_index=False, related_name="+")

    def __str__(self) -> str:
        return f"{self.registration_id} {self.document_id}"
