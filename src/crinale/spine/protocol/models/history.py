"""What may change after registration, each change with its permanent row (AgID guidelines, section 3.1.5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crinale.spine.protocol.models.registration import Registration
from crinale.spine.tenancy.models import TenantModel


class Purpose(models.TextChoices):
    """Why an office or a person has a document: to act upon it, or to know of it."""

    ACTION = "action"
    KNOWLEDGE = "knowledge"


class AssignmentState(models.TextChoices):
    """Where an assignment stands; all but the first two are final."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"
    FORWARDED = "forwarded"
    DONE = "done"
    WITHDRAWN = "withdrawn"


OPEN_STATES = (AssignmentState.WAITING, AssignmentState.TAKEN)


class Assignment(TenantModel):
    """A registration given to an office, or to a person of it; its state follows from its steps."""

    registration = models.ForeignKey(Registration, models.PROTECT, db_index=False, related_name="assignments")
    sequence = models.SmallIntegerField()
    office = models.ForeignKey("tenancy.Office", models.PROTECT, db_index=False, related_name="+")
    person = models.UUIDField(null=True)
    person_name = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=9, choices=Purpose.choices, default=Purpose.ACTION)
    deadline = models.DateField(null=True)
    note = models.CharField(max_length=1000, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.UUIDField(null=True)
    assigned_by_name = models.CharField(max_length=200)
    forwarded_from = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="+")
    state = models.CharField(max_length=9, choices=AssignmentState.choices, default=AssignmentState.WAITING)
    taken_by = models.UUIDField(null=True)
    taken_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "sequence"), name="protocol_assignment_sequence"),
        )
        indexes = (
            models.Index(
                fields=("office", "-assigned_at", "-id"),
                include=("body", "deadline"),
                condition=Q(state__in=("waiting", "taken"), person__isnull=True),
                name="protocol_assignment_of_office",
            ),
            models.Index(
                fields=("person", "-assigned_at", "-id"),
                include=("body", "deadline"),
                condition=Q(state__in=("waiting", "taken"), person__isnull=False),
                name="protocol_assignment_of_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.sequence}"


class AssignmentStep(TenantModel):
    """What somebody did with an assignment, when, and for whom if he stood in for another."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, db_index=False, related_name="steps")
    sequence = models.SmallIntegerField()
    kind = models.CharField(max_length=9, choices=AssignmentState.choices)
    text = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    on_behalf_of = models.UUIDField(null=True)
    on_behalf_of_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("assignment", "sequence"), name="protocol_assignmentstep_sequence"
            ),
        )

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.kind}"


class ClassificationChange(TenantModel):
    """A registration moved to another heading of the filing plan; the old one stays readable."""

    registration = models.ForeignKey(
        Registration,
        models.PROTECT,
        db_index=False,
        related_name="classification_changes",
    )
    sequence = models.SmallIntegerField()
    previous = models.ForeignKey(
        "records.ClassificationEntry", models.PROTECT, db_index=False, related_name="+"
    )
    classification = models.ForeignKey(
        "records.ClassificationEntry", models.PROTECT, db_index=False, related_name="+"
    )
    reason = models.CharField(max_length=1000)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField(null=True)
    changed_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "sequence"),
                name="protocol_classificationchange_sequence",
            ),
        )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.sequence}"


class DossierItem(TenantModel):
    """A registration placed in a dossier, until it is moved to another."""

    dossier = models.ForeignKey("records.Dossier", models.PROTECT, db_index=False, related_name="+")
    registration = models.ForeignKey(
        Registration, models.PROTECT, db_index=False, related_name="dossier_items"
    )
    added_at = models.DateTimeField()
    added_by = models.UUIDField(null=True)
    added_by_name = models.CharField(max_length=200)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.UUIDField(null=True)
    removed_by_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    moved_to = models.ForeignKey(
        "records.Dossier", models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "dossier"),
                condition=Q(removed_at__isnull=True),
                name="protocol_dossieritem_once",
            ),
        )
        indexes = (models.Index(fields=("dossier", "added_at"), name="protocol_dossieritem_dossier"),)

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.registration_id}"
