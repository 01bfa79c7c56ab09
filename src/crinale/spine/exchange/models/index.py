"""The index of areas (IPAR of the booklet, IPA today): who exists, where it answers, with which certificates.

Public data of the node, the same for every body; no row-level security.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from crinale.spine.tenancy.fields import IdField


class IndexedBody(models.Model):
    """An administration of the index (IPA "enti")."""

    ipa_code = models.CharField(max_length=50, primary_key=True)
    name = models.CharField(max_length=300)
    fiscal_code = models.CharField(max_length=16, blank=True)
    category = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=200, blank=True)
    site = models.CharField(max_length=300, blank=True)
    emails = ArrayField(models.CharField(max_length=254), default=list)
    source = models.CharField(max_length=20)
    as_of = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class IndexedArea(models.Model):
    """A registry area of the index. Certificates are base64 of DER.

    ``endpoint`` is the prefix of its services.
    """

    id = IdField()
    ipa_code = models.CharField(max_length=50, db_index=True)
    body_name = models.CharField(max_length=300)
    aoo_code = models.CharField(max_length=7, unique=True)
    former_aoo_code = models.CharField(max_length=50, blank=True)
    aoo_name = models.CharField(max_length=300)
    endpoint = models.CharField(max_length=300, blank=True)
    organization_identifier = models.CharField(max_length=60, blank=True)
    seal_certificates = ArrayField(models.TextField(), default=list)
    message_certificates = ArrayField(models.TextField(), default=list)
    message_fingerprints = ArrayField(models.CharField(max_length=64), default=list, editable=False)
    emails = ArrayField(models.CharField(max_length=254), default=list)
    phone = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=300, blank=True)
    responsible = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)
    source = models.CharField(max_length=20)
    as_of = models.DateTimeField()
    search_text = models.TextField(editable=False)

    class Meta:
        indexes = (
            GinIndex(
                fields=("search_text",), opclasses=("gin_trgm_ops",), name="exchange_indexedarea_search"
            ),
            GinIndex(fields=("message_fingerprints",), name="exchange_indexedarea_peer"),
        )

    def __str__(self) -> str:
        return f"{self.aoo_code} {self.body_name}"


class IndexedOffice(models.Model):
    """An organisational unit of the index (IPA "UO")."""

    code = models.CharField(max_length=7, primary_key=True)
    ipa_code = models.CharField(max_length=50, db_index=True)
    aoo_code = models.CharField(max_length=7, blank=True, db_index=True)
    parent_code = models.CharField(max_length=7, blank=True)
    name = models.CharField(max_length=500)
    emails = ArrayField(models.CharField(max_length=254), default=list)
    source = models.CharField(max_length=20)
    as_of = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class IndexState(models.Model):
    """Where the present copy of the index comes from and how old it is; one row per source."""

    source = models.CharField(max_length=20, primary_key=True)
    as_of = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()
    etag = models.CharField(max_length=80, blank=True)
    rows = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.source


class IndexEdition(models.Model):
    """An edition of the index that the hub published to its nodes; the newest is served."""

    id = IdField()
    published_at = models.DateTimeField(db_index=True)
    sha256 = models.CharField(max_length=64)
    areas = models.IntegerField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.published_at:%Y-%m-%d} {self.areas}"
