"""Registers, registrations and their history, daily and emergency registers."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    initial = True

    dependencies = [
        ("records", "0002_guards"),
        ("tenancy", "0002_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmergencyPeriod",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("cause", models.CharField(max_length=1000)),
                ("authorisation", models.CharField(max_length=300)),
                ("started_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.UUIDField(null=True)),
                ("opened_by_name", models.CharField(max_length=200)),
                ("restored_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("closed_by_name", models.CharField(blank=True, max_length=200)),
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
            name="EmergencyAct",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("act", models.CharField(max_length=300)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField()),
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
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="protocol.emergencyperiod",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Register",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=16)),
                (
                    "kind",
                    models.CharField(
                        choices=[("ordinary", "Ordinary"), ("emergency", "Emergency")],
                        default="ordinary",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("opened_on", models.DateField()),
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
            ],
        ),
        migrations.AddField(
            model_name="emergencyperiod",
            name="register",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="periods",
                to="protocol.register",
            ),
        ),
        migrations.CreateModel(
            name="DailyRegister",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("due_on", models.DateField()),
                ("registrations", models.IntegerField()),
                ("first_number", models.BigIntegerField(null=True)),
                ("last_number", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(max_length=64)),
                ("frozen_at", models.DateTimeField()),
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
                    "json_document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.document",
                    ),
                ),
                (
                    "pdf_document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.document",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days",
                        to="protocol.register",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("year", models.IntegerField()),
                ("last_number", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField(null=True)),
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
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counters",
                        to="protocol.register",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("year", models.IntegerField()),
                ("number", models.BigIntegerField()),
                ("registered_at", models.DateTimeField()),
                ("legal_date", models.DateField()),
                ("registered_by", models.UUIDField(null=True)),
                ("registered_by_name", models.CharField(max_length=200)),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("incoming", "Incoming"),
                            ("outgoing", "Outgoing"),
                            ("internal", "Internal"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unsealed", "Unsealed"),
                            ("being_sealed", "Being Sealed"),
                            ("sealed", "Sealed"),
                        ],
                        default="unsealed",
                        max_length=12,
                    ),
                ),
                ("subject", models.CharField(max_length=2000)),
                ("confidential", models.BooleanField(default=False)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("received_ipa_code", models.CharField(blank=True, max_length=50)),
                ("received_aoo_code", models.CharField(blank=True, max_length=50)),
                ("received_register_code", models.CharField(blank=True, max_length=16)),
                ("received_number", models.CharField(blank=True, max_length=100)),
                ("received_date", models.DateField(null=True)),
                ("digest", models.CharField(max_length=64)),
                ("current_person", models.UUIDField(null=True)),
                ("annulled_at", models.DateTimeField(null=True)),
                ("annulled_by", models.UUIDField(null=True)),
                ("annulled_by_name", models.CharField(blank=True, max_length=200)),
                ("annulment_act", models.CharField(blank=True, max_length=300)),
                ("annulment_reason", models.CharField(blank=True, max_length=2000)),
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
                (
                    "current_classification",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.classificationentry",
                    ),
                ),
                (
                    "current_office",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.office",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="protocol.register",
                    ),
                ),
                (
                    "reply_to",
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
            name="Party",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[("sender", "Sender"), ("recipient", "Recipient")], max_length=10
                    ),
                ),
                ("position", models.SmallIntegerField()),
                ("name", models.CharField(max_length=500)),
                ("data", models.JSONField()),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Enclosure",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("position", models.SmallIntegerField()),
                ("description", models.CharField(blank=True, max_length=500)),
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
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.document"
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enclosures",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EmergencyEntry",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("entered_on_paper_at", models.DateTimeField()),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("incoming", "Incoming"),
                            ("outgoing", "Outgoing"),
                            ("internal", "Internal"),
                        ],
                        max_length=10,
                    ),
                ),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.UUIDField(null=True)),
                ("entered_by_name", models.CharField(max_length=200)),
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
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="protocol.emergencyperiod",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="protocol.register",
                    ),
                ),
                (
                    "registration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency_entry",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DossierItem",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.UUIDField(null=True)),
                ("added_by_name", models.CharField(max_length=200)),
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
                    "dossier",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.dossier",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dossier_items",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClassificationChange",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("sequence", models.SmallIntegerField()),
                ("reason", models.CharField(max_length=1000)),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.UUIDField(null=True)),
                ("changed_by_name", models.CharField(max_length=200)),
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
                (
                    "previous",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.classificationentry",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="classification_changes",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("sequence", models.SmallIntegerField()),
                ("person", models.UUIDField(null=True)),
                ("person_name", models.CharField(blank=True, max_length=200)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("assigned_at", models.DateTimeField()),
                ("assigned_by", models.UUIDField(null=True)),
                ("assigned_by_name", models.CharField(max_length=200)),
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
                    "office",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.office",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Segnatura",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "origin",
                    models.CharField(choices=[("issued", "Issued"), ("received", "Received")], max_length=8),
                ),
                ("xml", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("certificate_sha256", models.CharField(blank=True, max_length=64)),
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
                (
                    "registration",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="segnature",
                        to="protocol.registration",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WaitingSeal",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("area_code", models.CharField(max_length=7)),
                ("xml", models.BinaryField()),
                ("since", models.DateTimeField()),
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_seal",
                        to="protocol.registration",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EmergencyTotal",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("total", models.IntegerField()),
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
                    "period",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="totals",
                        to="protocol.emergencyperiod",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("period", "day"), name="protocol_emergencytotal_day")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.UniqueConstraint(fields=("area", "code"), name="protocol_register_code"),
        ),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.UniqueConstraint(
                fields=("area", "kind"), name="protocol_register_one_of_a_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="emergencyperiod",
            index=models.Index(fields=["register", "started_at"], name="protocol_emergency_started"),
        ),
        migrations.AddConstraint(
            model_name="emergencyperiod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("register",),
                name="protocol_emergency_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyregister",
            constraint=models.UniqueConstraint(fields=("register", "day"), name="protocol_dailyregister_day"),
        ),
        migrations.AddConstraint(
            model_name="counter",
            constraint=models.UniqueConstraint(fields=("register", "year"), name="protocol_counter_year"),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(fields=["register", "legal_date"], name="protocol_registration_day"),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("current_office__isnull", False)),
                fields=["current_office", "-registered_at"],
                name="protocol_registration_office",
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("annulled_at__isnull", False)),
                fields=["area", "annulled_at"],
                name="protocol_registration_annulled",
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("received_number", ""), _negated=True),
                fields=["area", "received_ipa_code", "received_number"],
                name="protocol_registration_received",
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", False)),
                fields=["reply_to"],
                name="protocol_registration_reply",
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("state", "being_sealed")),
                fields=["registered_at"],
                name="protocol_registration_seal",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                fields=("register", "year", "number"), name="protocol_registration_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="protocol_registration_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("annulled_at__isnull", True), ("annulment_act", "")),
                    models.Q(
                        ("annulled_at__isnull", False),
                        models.Q(("annulment_act", ""), _negated=True),
                        models.Q(("annulment_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="protocol_registration_annulment_with_act",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                fields=("registration", "role", "position"), name="protocol_party_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="enclosure",
            constraint=models.UniqueConstraint(
                fields=("registration", "position"), name="protocol_enclosure_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyentry",
            constraint=models.UniqueConstraint(
                fields=("register", "number"), name="protocol_emergencyentry_number"
            ),
        ),
        migrations.AddIndex(
            model_name="dossieritem",
            index=models.Index(fields=["dossier", "added_at"], name="protocol_dossieritem_dossier"),
        ),
        migrations.AddConstraint(
            model_name="dossieritem",
            constraint=models.UniqueConstraint(
                fields=("registration", "dossier"), name="protocol_dossieritem_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="classificationchange",
            constraint=models.UniqueConstraint(
                fields=("registration", "sequence"), name="protocol_classificationchange_sequence"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                fields=("registration", "sequence"), name="protocol_assignment_sequence"
            ),
        ),
        migrations.AddConstraint(
            model_name="segnatura",
            constraint=models.UniqueConstraint(
                fields=("registration", "origin"), name="protocol_segnatura_origin"
            ),
        ),
    ]
