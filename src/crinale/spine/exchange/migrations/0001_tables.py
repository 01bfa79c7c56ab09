"""The index of areas; messages with their receipts, envelopes and incidents."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    initial = True

    dependencies = [
        ("protocol", "0002_guards"),
        ("tenancy", "0002_tables"),
    ]

    operations = [
        migrations.RunSQL("create extension if not exists pg_trgm", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="IndexedBody",
            fields=[
                ("ipa_code", models.CharField(max_length=50, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=300)),
                ("fiscal_code", models.CharField(blank=True, max_length=16)),
                ("category", models.CharField(blank=True, max_length=20)),
                ("kind", models.CharField(blank=True, max_length=200)),
                ("site", models.CharField(blank=True, max_length=300)),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), default=list, size=None
                    ),
                ),
                ("source", models.CharField(max_length=20)),
                ("as_of", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="IndexEdition",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("published_at", models.DateTimeField(db_index=True)),
                ("sha256", models.CharField(max_length=64)),
                ("areas", models.IntegerField()),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="IndexedOffice",
            fields=[
                ("code", models.CharField(max_length=7, primary_key=True, serialize=False)),
                ("ipa_code", models.CharField(db_index=True, max_length=50)),
                ("aoo_code", models.CharField(blank=True, db_index=True, max_length=7)),
                ("parent_code", models.CharField(blank=True, max_length=7)),
                ("name", models.CharField(max_length=500)),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), default=list, size=None
                    ),
                ),
                ("source", models.CharField(max_length=20)),
                ("as_of", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="IndexState",
            fields=[
                ("source", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("as_of", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField()),
                ("etag", models.CharField(blank=True, max_length=80)),
                ("rows", models.IntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="IndexedArea",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("ipa_code", models.CharField(db_index=True, max_length=50)),
                ("body_name", models.CharField(max_length=300)),
                ("aoo_code", models.CharField(max_length=7, unique=True)),
                ("former_aoo_code", models.CharField(blank=True, max_length=50)),
                ("aoo_name", models.CharField(max_length=300)),
                ("endpoint", models.CharField(blank=True, max_length=300)),
                ("organization_identifier", models.CharField(blank=True, max_length=60)),
                (
                    "seal_certificates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                (
                    "message_certificates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                (
                    "message_fingerprints",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, editable=False, size=None
                    ),
                ),
                (
                    "emails",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), default=list, size=None
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("responsible", models.CharField(blank=True, max_length=200)),
                ("active", models.BooleanField(default=True)),
                ("source", models.CharField(max_length=20)),
                ("as_of", models.DateTimeField()),
                ("search_text", models.TextField(editable=False)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_text"],
                        name="exchange_indexedarea_search",
                        opclasses=("gin_trgm_ops",),
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["message_fingerprints"], name="exchange_indexedarea_peer"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("direction", models.CharField(choices=[("out", "Out"), ("in", "In")], max_length=3)),
                ("counterpart_ipa", models.CharField(max_length=50)),
                ("counterpart_aoo", models.CharField(max_length=50)),
                ("counterpart_name", models.CharField(max_length=300)),
                ("subject", models.CharField(max_length=2000)),
                ("sender_identifier", models.JSONField()),
                ("sender_key", models.CharField(max_length=200)),
                ("segnatura_sha256", models.CharField(blank=True, max_length=64)),
                ("confirmation_requested", models.BooleanField()),
                ("for_information", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("recipient_identifier", models.JSONField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("state", models.CharField(default="composed", max_length=12)),
                ("errand", models.CharField(blank=True, default="", max_length=8)),
                ("annulment", models.CharField(blank=True, default="", max_length=8)),
                ("at_door", models.BooleanField(default=False)),
                ("notified", models.BooleanField(default=False)),
                ("stuck", models.BooleanField(default=False)),
                ("escalated", models.BooleanField(default=False)),
                ("receipts_count", models.IntegerField(default=0)),
                ("failures", models.SmallIntegerField(default=0)),
                ("first_failure_at", models.DateTimeField(null=True)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("confirmation_due_at", models.DateTimeField(null=True)),
                ("noted_at", models.DateTimeField(null=True)),
                ("noted_by", models.UUIDField(null=True)),
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
                    "registration",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("retries_exhausted", "retries exhausted"),
                            ("confirmation_overdue", "confirmation overdue"),
                        ],
                        max_length=24,
                    ),
                ),
                ("blocking", models.BooleanField()),
                ("opened_at", models.DateTimeField()),
                ("contact", models.JSONField()),
                ("workaround", models.TextField(blank=True, default="")),
                ("restore_expected_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("closing_note", models.CharField(blank=True, default="", max_length=2000)),
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
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="exchange.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("segnatura", models.BinaryField()),
                ("files", models.JSONField()),
                ("seal_certificate_sha256", models.CharField(blank=True, max_length=64)),
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
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcel",
                        to="exchange.message",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WireMessage",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("call", models.UUIDField()),
                (
                    "part",
                    models.CharField(
                        choices=[("request", "request"), ("response", "response")], max_length=8
                    ),
                ),
                (
                    "origin",
                    models.CharField(choices=[("sent", "sent"), ("received", "received")], max_length=8),
                ),
                ("operation", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("content_type", models.CharField(max_length=300)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("content", models.BinaryField(null=True)),
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
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wire_messages",
                        to="exchange.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("seq", models.IntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("data", models.JSONField(default=dict)),
                ("actor_name", models.CharField(max_length=200)),
                ("actor_person", models.UUIDField(null=True)),
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
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="exchange.message",
                    ),
                ),
                (
                    "wire",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="exchange.wiremessage",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["area", "direction", "-id"], name="exchange_message_box"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ("registered", "delivered", "withdrawn")), _negated=True),
                fields=["area", "state", "-id"],
                name="exchange_message_open",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("next_attempt_at__isnull", False)),
                fields=["body", "next_attempt_at"],
                name="exchange_message_due",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("confirmation_due_at__isnull", False)),
                fields=["body", "confirmation_due_at"],
                name="exchange_message_overdue",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("registration", "direction", "counterpart_aoo"), name="exchange_message_recipient"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("direction", "out")),
                fields=("area", "sender_key", "counterpart_aoo"),
                name="exchange_message_sent_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("direction", "in")),
                fields=("area", "sender_key", "counterpart_aoo", "segnatura_sha256"),
                name="exchange_message_received_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at__isnull", False), ("direction", "in")),
                fields=("area", "sender_key"),
                name="exchange_message_accepted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction", "in"), ("registration__isnull", False), _connector="OR"),
                name="exchange_message_sent_is_registered",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["area", "-id"],
                name="exchange_incident_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("message", "kind"),
                name="exchange_incident_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="wiremessage",
            index=models.Index(
                condition=models.Q(("message__isnull", False)),
                fields=["message", "at"],
                name="exchange_wiremessage_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="wiremessage",
            constraint=models.UniqueConstraint(fields=("call", "part"), name="exchange_wiremessage_part"),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(fields=("message", "seq"), name="exchange_receipt_seq"),
        ),
    ]
