"""What the interface for programs remembers."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables, keep them per body, and count requests without a log."""

    initial = True

    dependencies = [
        ("tenancy", "0002_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateWindow",
            fields=[
                ("caller", models.UUIDField(primary_key=True, serialize=False)),
                ("minute", models.BigIntegerField()),
                ("used", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("program", models.UUIDField()),
                ("area", models.UUIDField()),
                ("url", models.CharField(max_length=2000)),
                ("kinds", models.JSONField()),
                ("sealed_secret", models.TextField()),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("failing_since", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.CharField(default="", max_length=60)),
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
            name="Delivery",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("event", models.CharField(max_length=150)),
                ("kind", models.CharField(max_length=60)),
                ("content", models.TextField()),
                ("created_at", models.DateTimeField(db_index=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("last_status", models.SmallIntegerField(default=0)),
                ("last_failure", models.CharField(default="", max_length=40)),
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
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="program_interface.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("program", models.UUIDField()),
                ("area", models.UUIDField()),
                ("document", models.UUIDField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_index=True)),
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
            name="EventCursor",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("txid", models.BigIntegerField()),
                ("fact", models.BigIntegerField()),
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
                    models.UniqueConstraint(fields=("body",), name="program_interface_eventcursor_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("program", models.UUIDField()),
                ("key", models.CharField(max_length=255)),
                ("request_sha256", models.CharField(max_length=64)),
                ("status", models.SmallIntegerField(default=0)),
                ("location", models.CharField(default="", max_length=500)),
                ("made", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField(db_index=True)),
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
                        fields=("body", "program", "key"), name="program_interface_keptanswer_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["body", "program", "area"], name="program_interface_sub_program"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["body", "due_at"],
                name="program_interface_delivery_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("subscription", "event"), name="program_interface_delivery_once"
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["body", "program", "document"], name="program_interface_upload_doc"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["body", "program", "sha256"], name="program_interface_upload_sha"),
        ),
        migrations.RunSQL("select crinale_tenant('program_interface_keptanswer')", migrations.RunSQL.noop),
        migrations.RunSQL("select crinale_tenant('program_interface_upload')", migrations.RunSQL.noop),
        migrations.RunSQL("select crinale_tenant('program_interface_subscription')", migrations.RunSQL.noop),
        migrations.RunSQL("select crinale_tenant('program_interface_delivery')", migrations.RunSQL.noop),
        migrations.RunSQL("select crinale_tenant('program_interface_eventcursor')", migrations.RunSQL.noop),
        # Counts of one minute: nothing is lost with them.
        migrations.RunSQL("alter table program_interface_ratewindow set unlogged", migrations.RunSQL.noop),
    ]
