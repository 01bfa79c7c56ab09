"""Other programs that use the interface, with their credentials, scopes and tokens."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _program() -> Any:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.program"
    )


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = (
        ("identity", "0002_second_factor"),
        ("tenancy", "0002_tables"),
    )
    operations = (
        migrations.CreateModel(
            name="Program",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("requests_per_minute", models.IntegerField()),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={"ordering": ("name", "id")},
        ),
        migrations.CreateModel(
            name="ProgramCredential",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("secret_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("public_key", models.JSONField(null=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credentials",
                        to="identity.program",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProgramGrant",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("scope", models.CharField(max_length=60)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.area"
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="identity.program",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("program", "area", "scope"),
                        name="identity_programgrant_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgramToken",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("scopes", models.JSONField()),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "credential",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.programcredential",
                    ),
                ),
                ("program", _program()),
            ],
        ),
        migrations.CreateModel(
            name="UsedAssertion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("jti_sha256", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("program", _program()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "jti_sha256"), name="identity_usedassertion_once"
                    )
                ],
            },
        ),
    )
