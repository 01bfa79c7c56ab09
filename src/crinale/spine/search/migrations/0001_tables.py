"""What can be found."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    initial = True

    dependencies = [
        ("tenancy", "0002_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=30)),
                ("year", models.IntegerField(null=True)),
                ("number", models.BigIntegerField(null=True)),
                ("title", models.TextField()),
                ("names", models.TextField(blank=True)),
                ("restricted", models.BooleanField(default=False)),
                ("occurred_at", models.DateTimeField()),
                (
                    "area",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.area",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.body",
                    ),
                ),
            ],
            options={
                "db_table": "search_entry",
                "indexes": [
                    models.Index(
                        fields=["area", "-occurred_at", "-id"],
                        name="search_entry_recent",
                    ),
                    models.Index(fields=["area", "number", "-year"], name="search_entry_number"),
                ],
            },
        ),
    ]
