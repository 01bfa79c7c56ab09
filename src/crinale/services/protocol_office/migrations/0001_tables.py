"""The submissions of forms."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table and keep it per body."""

    initial = True

    dependencies = [
        ("tenancy", "0002_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("token", models.UUIDField()),
                ("person", models.UUIDField(null=True)),
                ("registration", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField()),
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
                "constraints": [
                    models.UniqueConstraint(fields=("body", "token"), name="protocol_office_submission_once")
                ],
            },
        ),
        migrations.RunSQL("select crinale_tenant('protocol_office_submission')", migrations.RunSQL.noop),
    ]
