"""Bodies, dated memberships, registry areas and offices."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

NO_OVERLAP = """
create extension if not exists btree_gist;
alter table tenancy_membership add constraint tenancy_membership_no_overlap
    exclude using gist (union_id with =, member_id with =, daterange(valid_from, valid_to) with &&);
"""
REVERSE = "alter table tenancy_membership drop constraint tenancy_membership_no_overlap"


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = [("tenancy", "0001_functions")]

    operations = [
        migrations.CreateModel(
            name="Body",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("ipa_code", models.CharField(max_length=50, unique=True)),
                ("name", models.CharField(max_length=300)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("municipality", "Municipality"),
                            ("union", "Union"),
                            ("province", "Province"),
                            ("region", "Region"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=20,
                    ),
                ),
                ("istat_code", models.CharField(blank=True, default="", max_length=6)),
                ("patron_day", models.CharField(blank=True, default="", max_length=5)),
                ("union", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=7, unique=True)),
                ("name", models.CharField(max_length=300)),
                (
                    "registers_incoming",
                    models.CharField(
                        choices=[("automatic", "Automatic"), ("by_clerk", "By Clerk")],
                        default="automatic",
                        max_length=20,
                    ),
                ),
                ("default_classification", models.CharField(blank=True, default="", max_length=60)),
                ("endpoint", models.CharField(blank=True, default="", max_length=300)),
                ("created_at", models.DateTimeField()),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="areas", to="tenancy.body"
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="union_rows",
                        to="tenancy.body",
                    ),
                ),
                (
                    "union",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="member_rows",
                        to="tenancy.body",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("union", models.F("member")), _negated=True),
                        name="tenancy_membership_of_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="tenancy_membership_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=300)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offices", to="tenancy.area"
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offices", to="tenancy.body"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="tenancy.office",
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "constraints": [models.UniqueConstraint(fields=("body", "code"), name="tenancy_office_code")],
            },
        ),
        migrations.RunSQL(NO_OVERLAP, REVERSE),
    ]
