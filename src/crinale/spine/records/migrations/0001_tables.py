"""Documents, filing plans and their headings, dossiers."""

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
            name="FilingPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
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
        ),
        migrations.CreateModel(
            name="ClassificationEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=250)),
                ("position", models.IntegerField()),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "body",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.body",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="records.classificationentry",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="records.filingplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("media_type", models.CharField(max_length=127)),
                ("declared_type", models.CharField(blank=True, max_length=127)),
                ("file_name", models.CharField(max_length=255)),
                ("metadata", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.UUIDField(null=True)),
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
                "indexes": [models.Index(fields=["body", "sha256"], name="records_document_sha256")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)),
                        name="records_document_not_empty",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dossier",
            fields=[
                (
                    "id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=250)),
                ("kind", models.CharField(default="matter", max_length=40)),
                ("metadata", models.JSONField(default=dict)),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.UUIDField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
                (
                    "classification",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.classificationentry",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["area", "opened_at"], name="records_dossier_opened")],
                "constraints": [
                    models.UniqueConstraint(fields=("area", "code"), name="records_dossier_code")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="filingplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("body",),
                name="records_filingplan_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="filingplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True),
                    ("valid_to__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="records_filingplan_period",
            ),
        ),
        migrations.AddIndex(
            model_name="classificationentry",
            index=models.Index(fields=["body", "code"], name="records_classification_code"),
        ),
        migrations.AddConstraint(
            model_name="classificationentry",
            constraint=models.UniqueConstraint(
                fields=("plan", "code"), name="records_classificationentry_code"
            ),
        ),
    ]
