"""Documents, the filing plan (titolario) and dossiers (DPR 445/2000 art. 50, 64; Allegato 5 AgID)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from crinale.spine.tenancy.models import TenantModel


class Document(TenantModel):
    """A file that the body holds. Its bytes are a blob; the row never changes, but for its metadata."""

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=127)
    declared_type = models.CharField(max_length=127, blank=True)
    file_name = models.CharField(max_length=255)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=("body", "sha256"), name="records_document_sha256"),)
        constraints = (models.CheckConstraint(condition=Q(size__gt=0), name="records_document_not_empty"),)

    def __str__(self) -> str:
        return self.file_name


class FilingPlan(TenantModel):
    """An edition of the titolario, from a day until a day (the first one on which it is not in force).

    The last edition has no end; before its first day the one before it is in force. An edition that was
    withdrawn before its first day has no day at all.
    """

    name = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("body",),
                condition=Q(valid_to__isnull=True),
                name="records_filingplan_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="records_filingplan_period",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ClassificationEntry(TenantModel):
    """One heading of a filing plan: ``6`` is a titolo, ``6.3`` a class of it."""

    plan = models.ForeignKey(FilingPlan, models.PROTECT, related_name="entries", db_index=False)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", db_index=False)
    position = models.IntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("plan", "code"), name="records_classificationentry_code"),
        )
        indexes = (models.Index(fields=("body", "code"), name="records_classification_code"),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class HeadingSuccession(TenantModel):
    """What was filed under one heading goes on under another, of the edition after."""

    plan = models.ForeignKey(FilingPlan, models.PROTECT, db_index=False, related_name="successions")
    previous = models.ForeignKey(ClassificationEntry, models.PROTECT, db_index=False, related_name="+")
    current = models.ForeignKey(ClassificationEntry, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("previous", "current"), name="records_headingsuccession_once"),
        )

    def __str__(self) -> str:
        return f"{self.previous_id} {self.current_id}"


class DossierKind(models.TextChoices):
    """What a dossier is about (Allegato 5, TipologiaFascicolo)."""

    MATTER = "matter"
    ACTIVITY = "activity"
    NATURAL_PERSON = "natural_person"
    LEGAL_PERSON = "legal_person"
    PROCEDURE = "procedure"


class DossierForm(models.TextChoices):
    """A dossier, a part of one, or a leaf that holds documents of one sort (inserto)."""

    DOSSIER = "dossier"
    SUB_DOSSIER = "sub_dossier"
    INSERT = "insert"


class Visibility(models.TextChoices):
    """To whom a dossier, and all that is below it, can be seen."""

    OPEN = "open"
    OFFICE = "office"
    PEOPLE = "people"


class Dossier(TenantModel):
    """The documents of one matter, kept together (fascicolo), or a part of it.

    ``line`` are the dossiers above it, from the top; ``metadata`` is what Allegato 5 wants to know besides.
    """

    area = models.ForeignKey("tenancy.Area", models.PROTECT, db_index=False, related_name="+")
    classification = models.ForeignKey(ClassificationEntry, models.PROTECT, db_index=False, related_name="+")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=40, default=DossierKind.MATTER, choices=DossierKind.choices)
    metadata = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    form = models.CharField(
        max_length=20,
        default=DossierForm.DOSSIER,
        db_default=DossierForm.DOSSIER,
        choices=DossierForm.choices,
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    line = ArrayField(models.UUIDField(), default=list, db_default=[])
    office = models.ForeignKey("tenancy.Office", models.PROTECT, null=True, db_index=False, related_name="+")
    responsible = models.UUIDField(null=True)
    visibility = models.CharField(
        max_length=20, default=Visibility.OPEN, db_default=Visibility.OPEN, choices=Visibility.choices
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("area", "code"), name="records_dossier_code"),
            models.CheckConstraint(
                condition=Q(parent=None, form=DossierForm.DOSSIER)
                | Q(parent__isnull=False, form__in=(DossierForm.SUB_DOSSIER, DossierForm.INSERT)),
                name="records_dossier_form",
            ),
        )
        indexes = (
            models.Index(fields=("area", "opened_at"), name="records_dossier_opened"),
            models.Index(fields=("area", "classification"), name="records_dossier_heading"),
            GinIndex(fields=("line",), name="records_dossier_line"),
            models.Index(
                fields=("area",), condition=~Q(visibility=Visibility.OPEN), name="records_dossier_restricted"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class DossierReader(TenantModel):
    """A person who may see a dossier that only named people see, from an instant until another."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, db_index=False, related_name="readers")
    person = models.UUIDField()
    person_name = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    added_by = models.UUIDField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("dossier", "person"),
                condition=Q(removed_at__isnull=True),
                name="records_dossierreader_once",
            ),
        )
        indexes = (models.Index(fields=("person",), name="records_dossierreader_person"),)

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.person_name}"


class DossierStep(TenantModel):
    """What happened to a dossier, in order: opened, changed, closed, reopened, shown to others."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, db_index=False, related_name="steps")
    sequence = models.IntegerField()
    kind = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("dossier", "sequence"), name="records_dossierstep_sequence"),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.kind}"


class DossierDocument(TenantModel):
    """A document that no register knows, placed in a dossier until it is taken elsewhere."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, db_index=False, related_name="documents")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.UUIDField(null=True)
    added_by_name = models.CharField(max_length=200)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.UUIDField(null=True)
    removed_by_name = models.CharField(max_length=200, blank=True)
    moved_to = models.ForeignKey(Dossier, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("dossier", "document"),
                condition=Q(removed_at__isnull=True),
                name="records_dossierdocument_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.document_id}"
