"""Notices and how people get them."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Make the tables."""

    initial = True
    dependencies = (
        ("tenancy", "0004_organigram"),
        ("identity", "0002_second_factor"),
    )
    operations = (
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("person", models.UUIDField()),
                ("kind", models.CharField(max_length=40)),
                ("object_id", models.UUIDField()),
                ("reference", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
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
                    models.UniqueConstraint(
                        condition=Q(sent_at__isnull=True),
                        fields=("person", "kind", "object_id"),
                        name="notify_notice_once",
                    )
                ],
                "indexes": [
                    models.Index(
                        condition=Q(sent_at__isnull=True), fields=["due_at"], name="notify_notice_due"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="identity.person",
                    ),
                ),
                (
                    "delivery",
                    models.CharField(
                        choices=[("immediately", "Immediately"), ("daily", "Daily"), ("never", "Never")],
                        default="immediately",
                        max_length=11,
                    ),
                ),
                ("language", models.CharField(default="it", max_length=2)),
            ],
        ),
        migrations.RunSQL("select crinale_tenant('notify_notice');", migrations.RunSQL.noop),
    )
