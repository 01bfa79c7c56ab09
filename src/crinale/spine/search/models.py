"""One row for each thing that people look for; the columns of the text index are in the migration."""

from __future__ import annotations

from django.db import models

from crinale.spine.tenancy.models import TenantModel


class SearchEntry(TenantModel):
    """What can be found: its number, its title, the names in it. Its id is that of the thing."""

    area = models.ForeignKey("tenancy.Area", models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=30)
    year = models.IntegerField(null=True)
    number = models.BigIntegerField(null=True)
    title = models.TextField()
    names = models.TextField(blank=True)
    restricted = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "search_entry"
        indexes = (
            models.Index(fields=("area", "-occurred_at", "-id"), name="search_entry_recent"),
            models.Index(fields=("area", "number", "-year"), name="search_entry_number"),
        )

    def __str__(self) -> str:
        return self.title
