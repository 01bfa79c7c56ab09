"""Documents that are written again and again."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Make the table and keep it per body; what a preset said stays when it is closed."""

    dependencies = (("protocol_office", "0001_tables"), ("tenancy", "0004_organigram"))
    operations = (
        migrations.CreateModel(
            "Preset",
            [
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("area", models.UUIDField()),
                ("name", models.CharField(max_length=120)),
                ("direction", models.CharField(max_length=10)),
                ("content", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("made_by", models.UUIDField(null=True)),
                ("made_by_name", models.CharField(max_length=200)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "body",
                    models.ForeignKey(
                        "tenancy.body", django.db.models.deletion.PROTECT, related_name="+", db_index=False
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("body", "area", "name"),
                        condition=Q(closed_at=None),
                        name="protocol_office_preset_name",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "select crinale_tenant('protocol_office_preset');"
            "select crinale_append_only('protocol_office_preset', array['closed_at'])",
            migrations.RunSQL.noop,
        ),
    )
